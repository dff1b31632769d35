"""Pages of listed origins may call and read, whichever function answers; no other page may."""

import json
from typing import Any

import pytest

from fraud.http.envelope import API_PREFIX
from tests.functional.conftest import ADMIN_KEY, EVENTS, Stack

LISTED, OTHER = ("https://console.example.com", "http://localhost:8080"), "https://console.example.com.evil.example"
CALLS = {
    "predict": "predict_transaction",
    "models": "models_versions",
    "rollout": "rollout_experiments",
    "batches": "batches_watch",
    "monitoring": "monitoring_alerts",
    "feedback": "feedback_labels",
    "deploy": "deploy_webhook",
    "health": "health_live",
}


def call(name: str, origin: str, key: str = ADMIN_KEY) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return {**event, "headers": {**(event["headers"] or {}), "x-api-key": key, "origin": origin}}


def headers(response: dict[str, Any]) -> dict[str, str]:
    many = {name: values[0] for name, values in response.get("multiValueHeaders", {}).items()}
    return {**many, **response.get("headers", {})}


@pytest.fixture(autouse=True)
def listed(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", ",".join(LISTED))


@pytest.mark.parametrize("function", CALLS)
def test_every_function_echoes_a_listed_origin_and_no_other(function: str, stack: Stack) -> None:
    for origin in (*LISTED, OTHER):
        # WHEN a page calls, with a key and without
        for key in (ADMIN_KEY, "unknown"):
            told = headers(stack.call(function, call(CALLS[function], origin, key)))
            # THEN it may read the answer, refusals included, if its origin is listed
            assert told.get("Access-Control-Allow-Origin") == (origin if origin in LISTED else None)
            assert told["Vary"] == "Origin"
            assert "Access-Control-Allow-Credentials" not in told


@pytest.mark.parametrize("origin", [*LISTED, OTHER])
def test_a_preflight_needs_no_key_and_names_what_may_be_sent(origin: str, stack: Stack) -> None:
    # GIVEN what a browser asks before it sends a signed prediction
    asked = {
        "httpMethod": "OPTIONS",
        "path": f"{API_PREFIX}/predict",
        "headers": {"Origin": origin, "Access-Control-Request-Method": "POST"},
        "requestContext": {"requestId": "r-1"},
    }
    # WHEN
    answer = stack.call("preflight", asked)
    # THEN it may go on from a listed origin, with every header this API reads
    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert answer["headers"].get("Access-Control-Allow-Origin") == (origin if origin in LISTED else None)
    assert answer["headers"]["Access-Control-Allow-Methods"] == "GET,POST"
    allowed = answer["headers"]["Access-Control-Allow-Headers"].lower().split(",")
    assert {"x-api-key", "authorization", "content-type", "x-request-id", "x-rescore", "webhook-signature"} <= {
        *allowed
    }
    assert "*" not in json.dumps(answer)
