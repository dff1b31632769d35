"""The control plane while AWS refuses or does not answer: 503, the reason in the log, nothing of it for the caller."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.conftest import Stack

Event = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("function", "name", "table"),
    [("models", "models_versions", "Registry"), ("monitoring", "monitoring_performance", "Watch"),
     ("feedback", "feedback_labels", "Watch"), ("batches", "batches_watch", "Batches")],
)  # fmt: skip
def test_a_table_that_refuses_is_503(
    function: str, name: str, table: str, stack: Stack, event: Event, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN a caller known from before and a table that is gone
    stack.call(function, event(name))
    stack.dynamodb.delete_table(TableName=table)
    capsys.readouterr()

    # WHEN it is asked for
    answer = stack.call(function, event(name))

    # THEN the caller may try again and learns no more; the log says what AWS said
    error = json.loads(answer["body"])["error"]
    assert (answer["statusCode"], error["code"]) == (503, "dependency_unavailable")
    assert "ResourceNotFound" not in answer["body"]
    headers = {**answer.get("headers", {}), **answer.get("multiValueHeaders", {})}
    assert headers["Retry-After"] in ("1", ["1"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    refused = [line for line in lines if line.get("event") == "aws_refused"]
    assert [line["aws_error"] for line in refused] == ["ResourceNotFoundException"]


def test_a_service_that_does_not_answer_is_503(stack: Stack, event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    asked = event("monitoring_logs", queryStringParameters=None, multiValueQueryStringParameters=None)
    answer = stack.call("monitoring", asked)
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (503, "dependency_unavailable")
