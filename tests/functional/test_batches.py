"""Bulk batches: accepted, cut into parts, cancelled, resumed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fraud.bulk import split
from tests.functional.bulk import BATCH_ID, Bulk, Event
from tests.functional.conftest import CLIENT_KEY, Stack, grant
from tests.functional.models import data, forest, go_live, transaction

HEADER = "transaction_id,Time,Amount,V1,V2\n"


@pytest.fixture
def bulk(stack: Stack, event: Event) -> Bulk:
    """A stack with v1.0.0 live."""
    go_live("v1.0.0", forest(), stack.model_bucket)
    return Bulk(stack, event)


def csv(rows: int) -> str:
    return HEADER + "".join(f"t-{number},{number},9.5,0.25,-1\n" for number in range(rows))


def parts_of(bulk: Bulk) -> list[dict[str, Any]]:
    """Let the input be cut; the messages about its parts."""
    bulk.steps()
    return sorted((json.loads(one) for one in bulk.messages(bulk.parts_queue)), key=lambda one: int(one["part"]))


def test_rows_in_a_request_are_accepted_under_an_id(bulk: Bulk) -> None:
    # WHEN
    status, begun = bulk.begin({"transactions": [transaction(row, f"t-{n}") for n, row in enumerate(data()[0][:3])]})

    # THEN
    assert status == 202
    batch_id = begun.pop("batch_id")
    assert begun.pop("created_at")
    assert begun == {
        "state": "queued",
        "total": 0,
        "done": 0,
        "failed": 0,
        "rows_per_second": 0.0,
        "eta_seconds": None,
        "results": {"location": f"s3://stack-batches/results/{batch_id}/", "manifest": None},
        "input": "inline",
        "model_version": "v1.0.0",
        "finished_at": None,
        "reason": None,
    }
    assert bulk.ask("watch", batch_id)[1]["batch_id"] == batch_id


def test_an_input_becomes_parts_of_a_thousand_rows(bulk: Bulk, stack: Stack) -> None:
    # GIVEN
    status, begun = bulk.begin({"input": bulk.put("day.csv", csv(2500))})
    assert status == 202

    # WHEN
    parts = parts_of(bulk)

    # THEN
    text = csv(2500).encode()
    assert [(one["part"], one["first_row"], one["rows"]) for one in parts] == [
        (0, 1, 1000),
        (1, 1001, 1000),
        (2, 2001, 500),
    ]
    assert (parts[0]["start"], parts[-1]["end"]) == (len(HEADER), len(text))
    watched = bulk.ask("watch", begun["batch_id"])[1]
    assert (watched["state"], watched["total"]) == ("running", 2500)


def test_the_same_file_is_one_batch_whoever_begins_it_and_however_often(bulk: Bulk, stack: Stack, event: Event) -> None:
    # GIVEN
    uri = bulk.put("day.csv", csv(10))

    # WHEN
    stack.call("batches", event("batches_incoming"))
    begun = [bulk.begin({"input": uri})[1]["batch_id"] for _ in range(2)]
    parts = parts_of(bulk)

    # THEN
    assert {one["batch_id"] for one in parts} == set(begun) and len(set(begun)) == 1
    # and other bytes under the same name are another one
    bulk.put("day.csv", csv(11))
    assert bulk.begin({"input": uri})[1]["batch_id"] not in begun


def test_a_file_of_another_kind_begins_nothing(bulk: Bulk, stack: Stack, event: Event) -> None:
    # GIVEN
    arrived = event("batches_incoming")
    arrived["Records"][0]["s3"]["object"]["key"] = "incoming/notes.txt"

    # WHEN
    stack.call("batches", arrived)

    # THEN
    assert stack.items("Batches") == []


def test_a_splitter_that_is_lost_begins_again_where_it_last_was(
    bulk: Bulk, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a splitter whose time is over after every checkpoint
    monkeypatch.setattr(split, "PARTS_BETWEEN_CHECKPOINTS", 1)
    monkeypatch.setattr(split.Splitter.split, "__kwdefaults__", {"slice_seconds": -1.0})
    batch_id = bulk.begin({"input": bulk.put("day.csv", csv(3200))})[1]["batch_id"]
    [step] = bulk.messages(bulk.steps_queue)

    # WHEN one slice after the other is done twice, as if its message had come back
    for _ in range(6):
        bulk.deliver("split", step)
        bulk.deliver("split", step)

    # THEN every part was sent, and the numbers are those of an undisturbed run
    sent = {(one["part"], one["start"], one["rows"]) for one in parts_of(bulk)}
    assert sorted(one[0] for one in sent) == [0, 1, 2, 3]
    watched = bulk.ask("watch", batch_id)[1]
    assert (watched["state"], watched["total"]) == ("running", 3200)


UNREADABLE = [
    ("a.csv", "Time,Amount,V99\n1,2,3\n", "V99 is neither"),
    ("b.csv", HEADER, "holds no rows"),
    ("c.csv", "", "missing from the header"),
    ("a.ndjson", "\n\n", "holds no rows"),
    ("b.ndjson", "x" * (1 << 20) + "x", "exceeds"),
    ("a.parquet", "PAR1 no parquet", "not readable as Parquet"),
]


def test_input_that_cannot_be_read_ends_as_failed_with_the_reason(bulk: Bulk) -> None:
    for name, text, words in UNREADABLE:
        # GIVEN
        batch_id = bulk.begin({"input": bulk.put(name, text)})[1]["batch_id"]

        # WHEN
        bulk.steps()

        # THEN
        watched = bulk.ask("watch", batch_id)[1]
        assert watched["state"] == "failed"
        assert words in watched["reason"]


REFUSED: list[tuple[object, int, str]] = [
    ({}, 422, "invalid_request"),
    ({"transactions": [], "input": "s3://x"}, 422, "invalid_request"),
    ({"transactions": []}, 422, "invalid_request"),
    ({"transactions": [{}] * 10_001}, 413, "too_large"),
    ({"input": "s3://elsewhere/incoming/a.csv"}, 422, "invalid_request"),
    ({"input": "s3://stack-batches/results/a.csv"}, 422, "invalid_request"),
    ({"input": "s3://stack-batches/incoming/a.xlsx"}, 422, "invalid_request"),
    ({"input": "s3://stack-batches/incoming/gone.csv"}, 404, "input_not_found"),
    ({"surprise": 1}, 422, "invalid_request"),
]


def test_what_cannot_be_accepted_is_refused(bulk: Bulk) -> None:
    for body, status, code in REFUSED:
        answered, told = bulk.begin(body)
        assert (answered, told["error"]["code"]) == (status, code)


def test_without_an_active_model_nothing_is_accepted(stack: Stack, event: Event) -> None:
    bulk = Bulk(stack, event)
    assert bulk.begin({"transactions": [{}]})[1]["error"]["code"] == "no_active_model"
    assert stack.items("Batches") == []


def test_a_batch_nobody_began_is_not_found(bulk: Bulk) -> None:
    for name in ("watch", "cancel", "resume", "result"):
        status, told = bulk.ask(name, BATCH_ID)
        assert (status, told["error"]["code"]) == (404, "not_found")


def test_a_key_without_the_scope_may_do_nothing(bulk: Bulk, stack: Stack, event: Event) -> None:
    # GIVEN
    grant(stack, CLIENT_KEY, "reader", ["logs:read"])
    asked: Callable[[str], Any] = lambda name: event(name, headers={"x-api-key": CLIENT_KEY})  # noqa: E731

    # WHEN / THEN
    for name in ("inline", "watch", "cancel", "resume", "result"):
        assert stack.call("batches", asked(f"batches_{name}"))["statusCode"] == 403


def test_a_cancelled_batch_is_cut_no_further_and_can_be_resumed(bulk: Bulk, stack: Stack) -> None:
    # GIVEN
    batch_id = bulk.begin({"input": bulk.put("day.csv", csv(10))})[1]["batch_id"]

    # WHEN it is cancelled, twice
    for _ in range(2):
        status, cancelled = bulk.ask("cancel", batch_id)
        assert (status, cancelled["state"]) == (200, "cancelled")

    # THEN its input is left alone
    assert parts_of(bulk) == []

    # WHEN it is resumed
    assert bulk.ask("resume", batch_id)[0] == 202

    # THEN it goes on
    assert [one["rows"] for one in parts_of(bulk)] == [10]
    assert bulk.ask("watch", batch_id)[1]["state"] == "running"


def test_a_failed_batch_cannot_be_cancelled(bulk: Bulk) -> None:
    # GIVEN
    batch_id = bulk.begin({"input": bulk.put("day.csv", HEADER)})[1]["batch_id"]
    bulk.steps()

    # WHEN
    status, told = bulk.ask("cancel", batch_id)

    # THEN
    assert (status, told["error"]["code"]) == (409, "batch_ended")


def test_input_that_was_replaced_meanwhile_is_still_read_as_it_was(bulk: Bulk, stack: Stack) -> None:
    # GIVEN
    bulk.begin({"input": bulk.put("day.csv", csv(10))})
    bulk.put("day.csv", csv(20))

    # WHEN / THEN
    assert [one["rows"] for one in parts_of(bulk)] == [10]


def test_a_result_is_read_through_a_link_of_its_own(bulk: Bulk) -> None:
    # GIVEN
    batch_id = bulk.begin({"transactions": [{}]})[1]["batch_id"]

    # WHEN
    status, headers = bulk.ask("result", batch_id)

    # THEN
    assert status == 302
    [link] = headers["Location"]
    assert f"/stack-batches/results/{batch_id}/manifest.json?" in link
    assert "X-Amz-Signature=" in link
