"""monitoring: what was counted, as reports and as Prometheus text."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction
from tests.functional.streams import stream_event

Event = Callable[..., dict[str, Any]]


@pytest.fixture
def counted(stack: Stack, event: Event) -> Stack:
    """Twelve decisions and two refusals, archived."""
    X, _ = data()
    go_live("v1.0.0", forest(), stack.model_bucket)
    for number in range(12):
        body = json.dumps(transaction(X[number], f"t-{number}"))
        assert stack.call("predict", event("predict_transaction", body=body))["statusCode"] == 200
    for body in ("{", '{"amount": 1}'):
        assert stack.call("predict", event("predict_transaction", body=body))["statusCode"] in (400, 422)
    assert stack.call("archive", stream_event(stack)) == {"state": {}}
    return stack


def report(stack: Stack, event: Event, name: str) -> dict[str, Any]:
    response = stack.call("monitoring", event(f"monitoring_{name}"))
    assert response["statusCode"] == 200
    body: dict[str, Any] = json.loads(response["body"])
    return body


def test_performance_tells_how_requests_went(counted: Stack, event: Event) -> None:
    # GIVEN the log
    raw = [float(item["ms"]["N"]) for item in counted.items("Requests") if "ms" in item]

    # WHEN the report is asked for
    told = report(counted, event, "performance")

    # THEN it says the same
    assert (told["state"], told["window_hours"]) == ("ok", 24)
    assert (told["total_requests"], told["successful_requests"], told["failed_requests"]) == (14, 12, 2)
    assert told["success_rate"] == 12 / 14
    assert told["errors"] == {"malformed_json": 1, "invalid_transaction": 1}
    assert told["statuses"] == {"200": 12, "400": 1, "422": 1}
    assert told["latency_ms"]["mean"] == pytest.approx(np.mean(raw), abs=1e-3)
    assert (told["latency_ms"]["min"], told["latency_ms"]["max"]) == (min(raw), max(raw))
    assert told["latency_ms"]["p95"] == pytest.approx(np.quantile(raw, 0.95), rel=0.025, abs=1e-3)
    assert sum(hour["total_requests"] for hour in told["per_hour"]) == 14
    assert {version: one["total_requests"] for version, one in told["by_version"].items()} == {"v1.0.0": 12, "none": 2}
    assert told["by_endpoint"]["/predict"]["total_requests"] == 14


def test_business_tells_what_was_decided(counted: Stack, event: Event) -> None:
    X, _ = data()
    flagged = forest().predict_proba(X[:12])[:, 1] >= 0.5

    told = report(counted, event, "business")

    assert (told["total_transactions"], told["fraud_predictions"]) == (12, int(flagged.sum()))
    assert told["fraud_rate"] == flagged.sum() / 12
    assert told["total_amount"] == pytest.approx(sum(round(100 * amount) for amount in X[:12, 0]) / 100)
    assert told["fraud_amount"] == pytest.approx(sum(round(100 * amount) for amount in X[:12, 0][flagged]) / 100)
    assert sum(told["recommendations"].values()) == 12


@pytest.mark.parametrize("name", ["performance", "business"])
def test_no_recent_data_is_a_state_not_an_error(stack: Stack, event: Event, name: str) -> None:
    told = report(stack, event, name)
    assert (told["state"], told["per_hour"], told["by_version"]) == ("no_data", [], {})
    assert told["message"].startswith("No recent data")


def test_prometheus_reads_every_figure(counted: Stack, event: Event) -> None:
    # WHEN the text is asked for
    response = counted.call("monitoring", event("monitoring_metrics"))
    assert response["multiValueHeaders"]["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"]

    # THEN the official parser finds the counters, each with its help
    families = {family.name: family for family in text_string_to_metric_families(response["body"])}
    assert all(family.documentation for family in families.values())
    requests = {(one.labels["version"], one.labels["status"]): one.value for one in families["fraud_requests"].samples}
    assert requests == {("v1.0.0", "200"): 12, ("none", "400"): 1, ("none", "422"): 1}
    buckets = [one for one in families["fraud_processing_seconds"].samples if one.name.endswith("_bucket")]
    assert [one.value for one in buckets] == sorted(one.value for one in buckets)
    assert buckets[-1].labels["le"] == "+Inf"
    assert buckets[-1].value == 12


def test_who_may_not_read_metrics_is_refused(stack: Stack, event: Event) -> None:
    from tests.functional.conftest import grant

    grant(stack, "narrow", "narrow", ["predict"])
    asked = event("monitoring_performance")
    asked["headers"]["x-api-key"] = "narrow"
    assert stack.call("monitoring", asked)["statusCode"] == 403
