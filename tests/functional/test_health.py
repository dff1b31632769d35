"""health: named checks over HTTP and on a schedule; the API's own description."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import validate

from functions import openapi
from tests.functional.conftest import Stack, go_cold
from tests.functional.models import forest, go_live

Event = Callable[..., dict[str, Any]]


def health(stack: Stack, event: Event) -> tuple[int, dict[str, Any]]:
    response = stack.call("health", event("health_http"))
    return response["statusCode"], json.loads(response["body"])


def test_a_stack_with_a_live_model_is_healthy(stack: Stack, event: Event) -> None:
    go_live("v1.0.0", forest(), stack.model_bucket)
    status, body = health(stack, event)
    assert (status, body["status"], body["active_version"]) == (200, "healthy", "v1.0.0")
    assert {check["name"]: check["status"] for check in body["checks"]} == dict.fromkeys(
        [
            "registry_table", "requests_table", "watch_table", "model_bucket", "log_bucket", "active_model",
            "archive_lag", "queues", "error_rate", "latency_p99", "fraud_rate", "business", "drift", "label_quality",
        ],
        "pass",
    )  # fmt: skip


def test_nothing_active_yet_is_degraded_not_down(stack: Stack, event: Event) -> None:
    status, body = health(stack, event)
    assert (status, body["status"], body["active_version"]) == (200, "degraded", None)


def test_a_missing_table_is_reported_and_the_other_checks_still_run(stack: Stack, event: Event) -> None:
    go_live("v1.0.0", forest(), stack.model_bucket)
    stack.dynamodb.delete_table(TableName="Requests")
    status, body = health(stack, event)
    assert (status, body["status"]) == (503, "unhealthy")
    assert {check["name"] for check in body["checks"] if check["status"] == "fail"} == {"requests_table"}


def test_an_active_model_that_does_not_load_is_unhealthy(stack: Stack, event: Event) -> None:
    made = go_live("v1.0.0", forest(), stack.model_bucket)
    stack.s3.put_object(Bucket=stack.model_bucket, Key=made.packed_key, Body=b"broken")
    go_cold()
    status, body = health(stack, event)
    assert (status, body["status"]) == (503, "unhealthy")


def test_the_tick_says_what_it_saw(stack: Stack, event: Event, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack.call("health", event("health_tick")) is None
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines if line.get("event") == "health"] == ["degraded"]
    assert any("_aws" in line and line["Unhealthy"] == 0 for line in lines)


def test_alive_needs_nothing(event: Event, aws_identity: None) -> None:
    from functions.health.app import handler

    answer = handler(event("health_live"), None)
    assert answer and json.loads(answer["body"]) == {"status": "alive"}


def test_the_served_description_is_the_one_the_handlers_give(stack: Stack, event: Event) -> None:
    served = json.loads(stack.call("health", event("health_openapi"))["body"])
    assert served == openapi.document(), "run `python -m functions.openapi`"
    validate(served)


def test_the_documentation_page_shows_every_route(stack: Stack, event: Event) -> None:
    response = stack.call("health", event("health_docs"))
    assert response["multiValueHeaders"]["Content-Type"] == ["text/html"]
    assert all(path in response["body"] for path in openapi.document()["paths"])
