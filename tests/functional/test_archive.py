"""archive and monitoring: what was decided is found again, by transaction at once, by time in the archive."""

import gzip
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction
from tests.functional.streams import stream_event

Event = Callable[..., dict[str, Any]]


@pytest.fixture
def decided(stack: Stack, event: Event) -> Stack:
    """Three decisions and one refusal, not archived yet."""
    X, _ = data()
    go_live("v1.0.0", forest(), stack.model_bucket)
    for number in range(3):
        body = json.dumps(transaction(X[number], f"t-{number}", location="Lisbon"))
        assert stack.call("predict", event("predict_transaction", body=body))["statusCode"] == 200
    assert stack.call("predict", event("predict_transaction", body='{"amount": 1}'))["statusCode"] == 422
    return stack


def archived(stack: Stack) -> dict[str, list[dict[str, Any]]]:
    """Every archive object with its lines."""
    found = stack.s3.list_objects_v2(Bucket=stack.log_bucket).get("Contents", [])
    bodies = {one["Key"]: stack.s3.get_object(Bucket=stack.log_bucket, Key=one["Key"])["Body"].read() for one in found}
    return {key: [json.loads(line) for line in gzip.decompress(body).splitlines()] for key, body in bodies.items()}


def logs(stack: Stack, event: Event, query: str) -> dict[str, Any]:
    asked = dict(parse_qsl(query))
    multi = {name: [value] for name, value in asked.items()}
    sent = event("monitoring_logs", queryStringParameters=asked, multiValueQueryStringParameters=multi)
    response = stack.call("monitoring", sent)
    body: dict[str, Any] = json.loads(response["body"])
    return {"status": response["statusCode"], **body}


def test_a_stream_batch_becomes_readable_lines_by_day_and_hour(decided: Stack) -> None:
    X, _ = data()
    decided.call("archive", stream_event(decided))
    [(key, lines)] = archived(decided).items()
    assert key.startswith(f"logs/dt={lines[0]['at'][:10]}/hour={lines[0]['at'][11:13]}/")
    assert [line["status_code"] for line in lines] == [200, 200, 200, 422]
    assert lines[0]["fraud_probability"] == forest().predict_proba(X[:1])[0, 1]
    assert list(lines[0]["features"].values()) == X[0].tolist()
    assert lines[0]["location"].startswith("tok_")


def test_the_same_batch_again_writes_the_same_object_again(decided: Stack) -> None:
    sent = stream_event(decided)
    decided.call("archive", sent)
    first = archived(decided)
    decided.call("archive", sent)
    assert archived(decided) == first


def test_expired_items_are_not_archived_again(decided: Stack) -> None:
    sent = stream_event(decided)
    for record in sent["Records"]:
        record["eventName"] = "REMOVE"
    decided.call("archive", sent)
    assert archived(decided) == {}


def test_a_transaction_is_found_before_it_is_archived(decided: Stack, event: Event) -> None:
    X, _ = data()
    found = logs(decided, event, "transaction_id=t-1")
    assert [(one["transaction_id"], one["model_version"]) for one in found["logs"]] == [("t-1", "v1.0.0")]
    assert found["logs"][0]["fraud_probability"] == forest().predict_proba(X[1:2])[0, 1]


def test_the_archive_is_searched_by_status_and_version_page_by_page(decided: Stack, event: Event) -> None:
    decided.call("archive", stream_event(decided))
    assert [one["error_code"] for one in logs(decided, event, "status_code=422")["logs"]] == ["invalid_transaction"]
    first = logs(decided, event, "model_version=v1.0.0&limit=2")
    rest = logs(decided, event, f"model_version=v1.0.0&limit=2&cursor={first['next_cursor']}")
    assert [one["transaction_id"] for one in [*first["logs"], *rest["logs"]]] == ["t-2", "t-1", "t-0"]
    assert rest["next_cursor"] is None


def test_a_split_batch_is_counted_once(decided: Stack, event: Event) -> None:
    sent = stream_event(decided)
    decided.call("archive", sent)
    decided.call("archive", {"Records": sent["Records"][:2]})
    assert len(logs(decided, event, "limit=100")["logs"]) == 4


def test_time_bounds_are_obeyed(decided: Stack, event: Event) -> None:
    decided.call("archive", stream_event(decided))
    assert logs(decided, event, "from=2000-01-01T00:00:00Z&to=2001-01-01T00:00:00Z")["logs"] == []
    assert len(logs(decided, event, "from=2000-01-01T00:00:00Z")["logs"]) == 4
    assert logs(decided, event, "from=yesterday")["status"] == 422


def test_a_cursor_we_never_gave_is_refused(decided: Stack, event: Event) -> None:
    assert logs(decided, event, "cursor=zzz")["error"]["details"][0]["field"] == "cursor"


def test_decisions_become_metrics_once_however_often_a_batch_comes(
    decided: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = stream_event(decided)
    for _ in range(2):
        decided.call("archive", sent)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [told] = [line for line in lines if "Predictions" in line]
    assert (told["version"], told["Predictions"], len(told["Latency"])) == ("v1.0.0", 3, 3)
    assert min(told["Latency"]) > 0
