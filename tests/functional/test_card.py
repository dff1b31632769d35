"""What is measured of a drop reaches its record and its card; the card through the handler."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fraud.versions import lifecycle
from fraud.versions.registry import Registry
from fraud.versions.version import ModelVersion
from tests.functional.conftest import Stack, go_cold, grant
from tests.functional.models import forest, go_live
from tests.functional.test_supply_chain import Operator, easy, good_forest

Event = Callable[..., dict[str, Any]]
RECORD_LIMIT = 40_000


@pytest.fixture
def operator(stack: Stack, event: Event) -> Operator:
    return Operator(stack, event)


def asked(event: Event, version: str = "v1.0.0", form: str | None = None, **headers: str) -> dict[str, Any]:
    """The request for a card."""
    sent = json.loads(json.dumps(event("models_card")).replace("v1.0.0", version))
    query = {"format": form} if form else None
    sent["queryStringParameters"] = query
    sent["multiValueQueryStringParameters"] = {name: [value] for name, value in (query or {}).items()} or None
    sent["headers"] = {**sent["headers"], **headers}
    return dict(sent)


def test_what_was_measured_compared_and_judged_is_in_the_record_and_on_the_card(
    operator: Operator, event: Event
) -> None:
    # GIVEN a version from before there was an evaluation set: its record holds a verdict and its speed alone
    registry = Registry(operator.stack.dynamodb, "Registry")
    operator.drop("v1.0.0", good_forest())
    first = registry.version("v1.0.0")
    assert first.verdict == ["held: there is no evaluation set to measure on"]
    assert (first.metrics, first.compared_with, first.evaluation_sha256) == (None, None, None)
    assert first.latency is not None
    lifecycle.activate_version(registry, "v1.0.0", by="ops", why="to begin with")
    operator.evaluate_on(*easy())

    # WHEN another one is dropped, with as long a description as is allowed
    told = {"description": "d" * 2000, "metrics": {"f1": 0.5}, "threshold": 0.4}
    deployment = operator.drop("v1.1.0", good_forest(), manifest=told)

    # THEN its record holds the curves, the speed, the difference and the verdict
    record = registry.version("v1.1.0")
    assert record.metrics is not None
    assert 2 <= len(record.metrics["precision_recall_curve"]) <= 60
    assert 1 <= len(record.metrics["calibration"]) <= 15
    assert list(record.metrics["precision_at_k"]) == ["10", "50", "100", "500"]
    assert record.latency is not None
    assert record.latency.one_row_us > 0
    assert record.latency.thousand_rows_ms > 0
    assert record.compared_with is not None
    assert (record.compared_with.version, record.compared_with.n) == ("v1.0.0", 1500)
    assert len(record.verdict) == 2
    assert "; ".join(record.verdict) in deployment["reason"]

    # AND stays far below what an item may hold
    assert len(stored(operator.stack, "v1.1.0")) < RECORD_LIMIT

    # AND the card shows it
    text = operator.stack.call("models", asked(event, "v1.1.0"))["body"]
    for words in ("# Model card v1.1.0", "v1.0.0 was active", "claim not borne out", "| 8 | V6 |", record.sha256):
        assert words in text
    assert str(record.evaluation_sha256) in text


@pytest.mark.usefixtures("packed_here")
def test_a_verdict_that_came_later_is_the_deployments_not_the_versions(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN v1.0.0 active, v1.0.1 ready, and somebody who activates that one just when v1.1.0 is registered
    operator.evaluate_on(*easy())
    for version in ("v1.0.0", "v1.0.1"):
        go_live(version, forest(), operator.stack.model_bucket)
    lifecycle.rollback(Registry(operator.stack.dynamodb, "Registry"), by="ops", why="not yet")

    class Busy(Registry):
        def register(self, version: ModelVersion, *, actor: str) -> ModelVersion:
            registered = super().register(version, actor=actor)
            lifecycle.activate_version(self, "v1.0.1", by="ops", why="meanwhile")
            return registered

    monkeypatch.setattr("functions.deploy.app.Registry", Busy)
    go_cold()

    # WHEN
    deployment = operator.drop("v1.1.0", good_forest())

    # THEN the record says what was known when it was made, the deployment what was decided on
    record = Registry(operator.stack.dynamodb, "Registry").version("v1.1.0")
    assert record.compared_with is not None
    assert record.compared_with.version == "v1.0.0"
    assert "v1.0.0" in record.verdict[-1]
    assert deployment["state"] == "activated"
    assert "active version v1.0.1" in deployment["reason"]


def test_the_card_comes_as_markdown_or_as_a_page(stack: Stack, event: Event) -> None:
    go_live("v1.0.0", forest(), stack.model_bucket)

    answers = [
        stack.call("models", request)
        for request in (
            asked(event),
            asked(event, accept="text/html"),
            asked(event, form="html"),
            asked(event, form="markdown", accept="text/html"),
        )
    ]

    assert [one["statusCode"] for one in answers] == [200] * 4
    kinds = [one["multiValueHeaders"]["Content-Type"] for one in answers]
    page, text = ["text/html; charset=utf-8"], ["text/markdown; charset=utf-8"]
    assert kinds == [text, page, page, text]
    assert answers[1]["body"].startswith("<!DOCTYPE html>")
    assert answers[1]["multiValueHeaders"]["X-Content-Type-Options"] == ["nosniff"]
    assert "| Status | READY, active |" in answers[0]["body"]
    assert "| 1 | activated |" in answers[0]["body"]


def test_a_card_is_refused_as_every_record_is(stack: Stack, event: Event) -> None:
    go_live("v1.0.0", forest(), stack.model_bucket)
    grant(stack, "scoring-key", "scorer", ["predict"])

    def refusal(request: dict[str, Any]) -> tuple[int, str]:
        answer = stack.call("models", request)
        return answer["statusCode"], json.loads(answer["body"])["error"]["code"]

    assert refusal(asked(event, **{"x-api-key": "scoring-key"})) == (403, "insufficient_scope")
    assert refusal(asked(event, "v9.9.9")) == (404, "version_not_found")
    assert refusal(asked(event, "latest")) == (422, "invalid_version")
    assert refusal(asked(event, form="pdf")) == (422, "invalid_request")


def stored(stack: Stack, version: str) -> bytes:
    """A version's item as DynamoDB keeps it: its names and texts."""
    key = {"pk": {"S": f"VERSION#{version}"}, "sk": {"S": "META"}}
    item = stack.dynamodb.get_item(TableName="Registry", Key=key)["Item"]
    return json.dumps(item).encode()
