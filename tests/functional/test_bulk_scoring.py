"""Parts of bulk batches: scored once whatever happens to messages and workers, and agreeing with the log."""

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud.bulk.job_store import JobStore
from tests.functional.bulk import Bulk, Event
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction

ROWS = [transaction(row, f"t-{number}") for number, row in enumerate(data()[0][:30])]
HEADER = ["transaction_id", "Time", "Amount", *ROWS[0]["features"]]


@pytest.fixture
def bulk(stack: Stack, event: Event, monkeypatch: pytest.MonkeyPatch) -> Bulk:
    """A stack with v1.0.0 live and parts of ten rows."""
    monkeypatch.setattr("fraud.bulk.records.PART_ROWS", 10)
    go_live("v1.0.0", forest(), stack.model_bucket)
    return Bulk(stack, event)


def csv_of(rows: list[dict[str, Any]]) -> str:
    lines = [[one["transaction_id"], one["time"], one["amount"], *one["features"].values()] for one in rows]
    return "\n".join(",".join(map(str, line)) for line in [HEADER, *lines]) + "\n"


def ndjson_of(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(one) + "\n" for one in rows)


def test_every_row_gets_the_models_answer_and_the_manifest_comes_last(bulk: Bulk, stack: Stack) -> None:
    # GIVEN
    batch_id = bulk.begin({"input": bulk.put("day.csv", csv_of(ROWS))})[1]["batch_id"]

    # WHEN
    bulk.run()

    # THEN
    found = list(bulk.results(batch_id, "part"))
    assert [one["row"] for one in found] == list(range(1, 31))
    assert [one["transaction_id"] for one in found] == [one["transaction_id"] for one in ROWS]
    assert [one["fraud_probability"] for one in found] == [*forest().predict_proba(data()[0][:30])[:, 1]]
    watched = bulk.ask("watch", batch_id)[1]
    assert (watched["state"], watched["total"], watched["done"], watched["failed"]) == ("done", 30, 30, 0)
    assert bulk.manifest(batch_id) == {
        "batch_id": batch_id,
        "input": "s3://stack-batches/incoming/day.csv",
        "model_version": "v1.0.0",
        "created_at": watched["created_at"],
        "total": 30,
        "done": 30,
        "failed": 0,
        "parts": [{"name": f"part-0000{part}.ndjson", "rows": 10} for part in range(3)],
        "errors": [],
    }
    assert len(stack.items("Requests")) == 30


def test_a_bad_row_costs_only_itself_and_is_told_by_its_number(bulk: Bulk) -> None:
    # GIVEN rows of which three are none
    rows = [ROWS[0], {**ROWS[1], "amount": -1}, {"amount": 5, "time": 1, "features": {}}, {**ROWS[2], "V99": 1}]
    text = ndjson_of(rows) + "no json\n"
    batch_id = bulk.begin({"input": bulk.put("day.ndjson", text)})[1]["batch_id"]

    # WHEN
    bulk.run()

    # THEN
    assert [(one["row"], one["transaction_id"]) for one in bulk.results(batch_id, "part")] == [
        (1, "t-0"),
        (3, f"{batch_id}-3"),
    ]
    errors = [(one["row"], one["transaction_id"], one["error"]["code"]) for one in bulk.results(batch_id, "errors")]
    assert errors == [(2, "t-1", "invalid_transaction"), (4, "t-2", "invalid_transaction"), (5, None, "malformed_json")]
    assert bulk.manifest(batch_id)["errors"] == [{"name": "errors-00000.ndjson", "rows": 3}]
    watched = bulk.ask("watch", batch_id)[1]
    assert (watched["state"], watched["done"], watched["failed"]) == ("done", 2, 3)


def test_a_part_delivered_again_changes_nothing(bulk: Bulk, stack: Stack) -> None:
    # GIVEN a batch of which every part was scored
    batch_id = bulk.begin({"input": bulk.put("day.csv", csv_of([*ROWS[:12], ROWS[3]]))})[1]["batch_id"]
    bulk.steps()
    parts = bulk.messages(bulk.parts_queue)
    for one in parts:
        bulk.deliver("score", one)
    before = {key: bulk.read(key) for key in bulk.keys(f"results/{batch_id}/")}
    counted = bulk.ask("watch", batch_id)[1]["done"]

    # WHEN
    for one in [*parts, *parts]:
        bulk.deliver("score", one)
    bulk.steps()

    # THEN
    assert bulk.ask("watch", batch_id)[1]["done"] == counted == 13
    assert {key: bulk.read(key) for key in bulk.keys(f"results/{batch_id}/part")} == before
    assert len(stack.items("Requests")) == 12


def test_a_worker_lost_before_it_could_count_leaves_the_same_results(
    bulk: Bulk, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a worker that is lost after it has recorded and stored everything
    batch_id = bulk.begin({"input": bulk.put("day.csv", csv_of(ROWS[:5]))})[1]["batch_id"]
    bulk.steps()
    [part] = bulk.messages(bulk.parts_queue)

    def lost(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(JobStore, "count", lost)
        bulk.deliver("score", part)
    before = bulk.read(f"results/{batch_id}/part-00000.ndjson")
    records = stack.items("Requests")
    assert bulk.ask("watch", batch_id)[1]["done"] == 0

    # WHEN its message comes back after another model has gone live
    go_live("v1.1.0", forest(1), stack.model_bucket)
    bulk.deliver("score", part)
    bulk.steps()

    # THEN
    assert bulk.read(f"results/{batch_id}/part-00000.ndjson") == before
    assert stack.items("Requests") == records
    assert bulk.ask("watch", batch_id)[1]["state"] == "done"
    assert bulk.manifest(batch_id)["model_version"] == "v1.0.0"


def test_answers_agree_with_the_log_and_with_what_was_answered_before(bulk: Bulk, stack: Stack, event: Event) -> None:
    # GIVEN a transaction that was answered before
    told = json.loads(stack.call("predict", event("predict_transaction", body=json.dumps(ROWS[0])))["body"])
    batch_id = bulk.begin({"transactions": ROWS[:3]})[1]["batch_id"]

    # WHEN
    bulk.run()

    # THEN it keeps its answer, and the log holds each answer word for word
    found = list(bulk.results(batch_id, "part"))
    assert {name: value for name, value in found[0].items() if name != "row"} == {**told, "cache_hit": True}
    assert [one["cache_hit"] for one in found] == [True, False, False]
    for one in found:
        asked = event("monitoring_logs", queryStringParameters={"transaction_id": one["transaction_id"]})
        asked["multiValueQueryStringParameters"] = {"transaction_id": [one["transaction_id"]]}
        [line] = json.loads(stack.call("monitoring", asked)["body"])["logs"]
        assert {name: line[name] for name in one if name not in ("row", "cache_hit")} == {
            name: value for name, value in one.items() if name not in ("row", "cache_hit")
        }


def test_a_log_that_cannot_be_written_brings_the_part_back(bulk: Bulk, stack: Stack) -> None:
    # GIVEN
    batch_id = bulk.begin({"transactions": ROWS[:2]})[1]["batch_id"]
    bulk.steps()
    [part] = bulk.messages(bulk.parts_queue)
    stack.dynamodb.delete_table(TableName="Requests")

    # WHEN / THEN nothing is counted, nothing is stored as an error of the row
    with pytest.raises(Exception, match="log refused"):
        bulk.deliver("score", part)
    assert bulk.keys(f"results/{batch_id}/") == []
    assert bulk.ask("watch", batch_id)[1]["failed"] == 0


def test_parts_of_a_cancelled_batch_are_passed_over_until_it_is_resumed(bulk: Bulk, stack: Stack) -> None:
    # GIVEN a batch cancelled after its first part
    batch_id = bulk.begin({"input": bulk.put("day.csv", csv_of(ROWS))})[1]["batch_id"]
    bulk.steps()
    first, *others = bulk.messages(bulk.parts_queue)
    bulk.deliver("score", first)
    bulk.ask("cancel", batch_id)

    # WHEN
    for one in others:
        bulk.deliver("score", one)

    # THEN
    assert len(stack.items("Requests")) == 10
    assert bulk.ask("watch", batch_id)[1]["done"] == 10

    # WHEN it is resumed
    bulk.ask("resume", batch_id)
    bulk.run()

    # THEN nothing is scored twice
    watched = bulk.ask("watch", batch_id)[1]
    assert (watched["state"], watched["done"]) == ("done", 30)
    assert len(stack.items("Requests")) == 30
    assert bulk.ask("resume", batch_id)[1]["error"]["code"] == "batch_ended"


def test_parquet_in_gives_parquet_out(bulk: Bulk) -> None:
    # GIVEN the rows as a Parquet file of three row groups, one value missing and one not finite
    columns = {name: [one["features"].get(name) for one in ROWS] for name in ROWS[0]["features"]}
    columns["V1"][1], columns["V2"][2] = None, float("nan")
    told = {
        "transaction_id": [one["transaction_id"] for one in ROWS],
        "Time": [one["time"] for one in ROWS],
        "AMOUNT": [one["amount"] for one in ROWS],
        **columns,
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(told), sink, row_group_size=14)
    batch_id = bulk.begin({"input": bulk.put("day.parquet", sink.getvalue())})[1]["batch_id"]

    # WHEN
    bulk.run()

    # THEN
    manifest = bulk.manifest(batch_id)
    assert [one["rows"] for one in manifest["parts"]] == [9, 4, 10, 4, 2]
    tables = [pq.read_table(io.BytesIO(bulk.read(f"results/{batch_id}/{one['name']}"))) for one in manifest["parts"]]
    found = [row for table in tables for row in table.to_pylist()]
    assert [one["row"] for one in found] == [row for row in range(1, 31) if row != 3]
    expected = forest().predict_proba(data()[0][:30])[:, 1]
    assert [one["fraud_probability"] for one in found[2:]] == [*expected[3:]]
    assert (found[1]["imputed_features"], found[0]["imputed_features"]) == (["V1"], [])
    assert found[0]["explanation"]["recommendation"] in ("approve", "verify", "block")
    [error] = bulk.results(batch_id, "errors")
    assert (error["row"], error["error"]["details"]) == (3, [{"field": "features.V2", "problem": "must be finite"}])
