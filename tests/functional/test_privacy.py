"""No personal data anywhere: marked values in every free field come out nowhere."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction
from tests.functional.streams import stream_event

Event = Callable[..., dict[str, Any]]
MARK = "Xylophonius"


def everything(stack: Stack) -> str:
    """Every item of every table and every object of every bucket, as text."""
    items = [item for table in ("Registry", "Requests", "Watch") for item in stack.items(table)]
    found = [repr(items)]
    for bucket in (stack.model_bucket, stack.log_bucket):
        for one in stack.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            body = stack.s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
            found.append(one["Key"])
            found.append(_unpacked(body))
    return "\n".join(found)


def _unpacked(body: bytes) -> str:
    import gzip

    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode("latin-1")


def test_marked_values_in_every_free_field_and_header_come_out_nowhere(
    stack: Stack, event: Event, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN calls with a name in every free field and header, good ones and refused ones
    X, _ = data()
    go_live("v1.0.0", forest(), stack.model_bucket)
    free = {
        "merchant_category": f"{MARK} & Sons, 12 High Street",
        "location": f"{MARK} Road 5", "entity_id": f"{MARK}-4111",
    }  # fmt: skip
    row = transaction(X[0], "t-1", **free)
    bodies = [row, {**row, "transaction_id": "t-2", "amount": MARK}, {**row, "transaction_id": "t-3", "note": MARK}]
    headers = {"user-agent": MARK, "x-forwarded-for": MARK, "referer": MARK, "cookie": MARK, "x-api-key": "admin-key"}
    answers = []
    for body in bodies:
        sent = event("predict_transaction", body=json.dumps(body))
        answers.append(stack.call("predict", {**sent, "headers": {**sent["headers"], **headers}}))
    label = {"transaction_id": "t-1", "is_fraud": True, "source": "customer"}
    for told in (label, {**label, "note": MARK}, {**label, "source": MARK}):
        sent = event("feedback_labels", body=json.dumps(told))
        answers.append(stack.call("feedback", {**sent, "headers": {**sent["headers"], **headers}}))

    # WHEN they were archived, counted, examined and reported
    stack.call("archive", stream_event(stack))
    stack.call("health", event("health_tick"))
    reports = [
        stack.call("monitoring", event(f"monitoring_{name}")) for name in ("logs", "metrics", "business", "model")
    ]

    # THEN the name stands in no table, bucket, log line, metric or report, nor in any answer's own words
    assert [answer["statusCode"] for answer in answers] == [200, 422, 422, 200, 422, 422]
    assert MARK not in everything(stack)
    assert MARK not in capsys.readouterr().out
    assert MARK not in json.dumps(reports)
    assert MARK not in json.dumps(answers[1:])
