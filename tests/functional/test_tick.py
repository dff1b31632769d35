"""health's tick: drift, labels and alerts, from the counters to what people are told."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import msgspec
import pytest

from fraud.scoring.schema import DEFAULT_FEATURES
from fraud.versions.evaluation import evaluate
from fraud.versions.evaluation_set import EvaluationSet
from fraud.versions.profile import schema_for
from fraud.watch.counter_store import CounterStore
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction
from tests.functional.streams import stream_event

Event = Callable[..., dict[str, Any]]


@pytest.fixture
def told(stack: Stack) -> Callable[[], list[dict[str, Any]]]:
    """The messages of the alert topic."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    boto3.client("sns").subscribe(TopicArn=stack.topic, Protocol="sqs", Endpoint=arn)

    def read() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(json.loads(one["Body"])["Message"]) for one in found]

    return read


@pytest.fixture
def measured(stack: Stack) -> Stack:
    """A live version that was measured on rows like those it is going to see."""
    X, y = data(seed=5)
    evaluation = EvaluationSet(X=X, y=y, columns=DEFAULT_FEATURES, sha256="e" * 64)
    scores = forest().predict_proba(X)[:, 1]
    found = msgspec.to_builtins(evaluate(y, scores, threshold=0.5, draws=20))
    schema = schema_for(DEFAULT_FEATURES, None, evaluation, X[0].tolist())
    go_live("v1.0.0", forest(), stack.model_bucket, schema=schema, metrics=found)
    return stack


def seen(stack: Stack, event: Event, rows: int, shift: float = 0.0) -> None:
    """Transactions that are scored, recorded and counted."""
    X, _ = data(seed=6)
    for number in range(rows):
        row = X[number].copy()
        row[2] += shift
        body = json.dumps(transaction(row, f"t-{number}"))
        assert stack.call("predict", event("predict_transaction", body=body))["statusCode"] == 200
    stack.call("archive", stream_event(stack))


def ask(stack: Stack, event: Event, name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(stack.call("monitoring", event(f"monitoring_{name}"))["body"])
    return body


def test_a_shifted_feature_is_named_with_its_distance_and_people_are_told(
    measured: Stack, event: Event, told: Callable[[], list[dict[str, Any]]]
) -> None:
    # GIVEN transactions whose V1 lies a standard deviation higher than where the version was measured
    seen(measured, event, 260, shift=1.0)

    # WHEN the minute ticks
    measured.call("health", event("health_tick"))

    # THEN V1 has drifted, moves the score most, and is alerted
    drift = ask(measured, event, "model")["drift"]
    [first, *others] = drift["features"]
    assert (first["name"], first["state"], drift["rows"]) == ("V1", "drifted", 260)
    assert first["psi"] > first["critical_value"]
    assert first["adjusted_p"] < 0.01
    assert first["score_shift"] > 0.0
    assert {one["state"] for one in others} == {"ok"}
    assert [one["rule"] for one in told() if one["state"] == "firing"] == ["drift"]
    families = measured.call("monitoring", event("monitoring_metrics"))["body"]
    assert 'fraud_drift_psi{version="v1.0.0",feature="V1"}' in families


def test_alerts_are_listed_acknowledged_and_recover(
    stack: Stack, event: Event, told: Callable[[], list[dict[str, Any]]]
) -> None:
    # GIVEN a table that is gone, and the tick that noticed
    go_live("v1.0.0", forest(), stack.model_bucket)
    stack.s3.delete_bucket(Bucket=stack.log_bucket)
    stack.call("health", event("health_tick"))
    [alert] = ask(stack, event, "alerts")["alerts"]
    assert (alert["rule"], alert["severity"], alert["state"]) == ("log_bucket", "critical", "firing")

    # WHEN somebody takes care and it is back
    path = event("feedback_ack", path=f"/api/v1/alerts/{alert['id']}/ack", pathParameters={"id": alert["id"]})
    answer = stack.call("feedback", path)
    stack.s3.create_bucket(Bucket=stack.log_bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    stack.call("health", event("health_tick"))

    # THEN the alert says who and when, and that it is over
    assert json.loads(answer["body"])["acknowledged_by"] == "admin"
    [alert] = ask(stack, event, "alerts")["alerts"]
    assert alert["state"] == "recovered"
    assert alert["acknowledged_at"]
    assert [one["state"] for one in told()] == ["firing", "recovered"]


def test_an_unknown_alert_cannot_be_acknowledged(stack: Stack, event: Event) -> None:
    answer = stack.call("feedback", event("feedback_ack"))
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (404, "not_found")


def test_before_the_first_tick_the_model_report_has_no_data(stack: Stack, event: Event) -> None:
    found = ask(stack, event, "model")
    assert (found["state"], found["drift"], found["quality"]) == ("no_data", None, None)


def test_one_broken_part_of_the_tick_leaves_the_others(
    stack: Stack, event: Event, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("John Doe")

    monkeypatch.setattr(CounterStore, "figures", broken)
    go_live("v1.0.0", forest(), stack.model_bucket)
    stack.call("health", event("health_tick"))
    out = capsys.readouterr().out
    assert '"part":"drift"' in out
    assert "John Doe" not in out
    assert {"error_rate", "fraud_rate"} <= {check["name"] for check in ask(stack, event, "model")["checks"]}


def test_a_firing_alert_reaches_those_who_are_configured(stack: Stack, event: Event) -> None:
    # without a secret nothing is sent anywhere
    assert stack.call("alerts", event("alerts_firing")) is None
