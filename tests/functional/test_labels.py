"""feedback: labels are joined to decisions, and none is ever lost."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from fraud.versions.registry.table import Table
from fraud.watch.label_store import LabelStore
from fraud.watch.labels import Outcome, Report
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction

Event = Callable[..., dict[str, Any]]
DAY = timedelta(days=1)


@pytest.fixture
def live(stack: Stack) -> Stack:
    go_live("v1.0.0", forest(), stack.model_bucket)
    return stack


def predict(stack: Stack, event: Event, transaction_id: str) -> None:
    X, _ = data()
    body = json.dumps(transaction(X[len(transaction_id)], transaction_id))
    assert stack.call("predict", event("predict_transaction", body=body))["statusCode"] == 200


def label(stack: Stack, event: Event, body: object) -> tuple[int, dict[str, Any]]:
    response = stack.call("feedback", event("feedback_labels", body=json.dumps(body)))
    return response["statusCode"], json.loads(response["body"])


def told(transaction_id: str, is_fraud: bool = True, source: str = "chargeback", **more: str) -> dict[str, Any]:
    return {"transaction_id": transaction_id, "is_fraud": is_fraud, "source": source, **more}


def store() -> LabelStore:
    client = boto3.client("dynamodb")
    return LabelStore(client, "Watch", Table(client, "Requests"))


def outcomes() -> list[Outcome]:
    return list(store().outcomes(datetime.now(UTC)))


def test_a_label_is_joined_to_its_decision(live: Stack, event: Event) -> None:
    predict(live, event, "t-1")
    status, answer = label(live, event, told("t-1"))
    assert (status, answer["accepted"], answer["joined"]) == (200, 1, 1)
    [known] = outcomes()
    assert (known.transaction_id, known.is_fraud, known.decision.version) == ("t-1", True, "v1.0.0")


def test_an_unknown_transaction_is_joined_once_it_appears(live: Stack, event: Event) -> None:
    # GIVEN a label before its transaction
    assert label(live, event, told("t-early"))[1]["labels"] == [
        {"transaction_id": "t-early", "state": "unknown_transaction"}
    ]
    assert store().sweep(2) == 0

    # WHEN the transaction is scored and the next sweep comes, and the one after
    predict(live, event, "t-early")
    swept = [store().sweep(2), store().sweep(2)]

    # THEN it is joined once
    assert swept == [1, 0]
    assert [one.transaction_id for one in outcomes()] == ["t-early"]


def test_the_same_label_again_is_a_duplicate_and_a_later_one_corrects(live: Stack, event: Event) -> None:
    predict(live, event, "t-1")
    first = told("t-1", reported_at="2026-11-20T10:00:00+01:00")
    assert label(live, event, [first, first])[1]["duplicate"] == 1
    label(live, event, told("t-1", False, reported_at="2026-11-21T09:00:00Z"))
    assert [(one.is_fraud, one.reports) for one in outcomes()] == [(False, 2)]


def test_every_decision_about_a_transaction_gets_the_outcome(live: Stack, event: Event) -> None:
    X, _ = data()
    for row in (X[0], X[1]):
        body = json.dumps(transaction(row, "t-1"))
        assert live.call("predict", event("predict_transaction", body=body))["statusCode"] == 200
    label(live, event, told("t-1"))
    assert len(outcomes()) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (told("t-1", source="rumour"), "0.source"),
        ({**told("t-1"), "is_fraud": "yes"}, "0.is_fraud"),
        (told("t-1", reported_at="yesterday"), "0.reported_at"),
        (told("t-1", reported_at="2999-01-01T00:00:00Z"), "0.reported_at"),
        ([told("t-1"), told("")], "1.transaction_id"),
        ({**told("t-1"), "note": "John Doe"}, "0.note"),
    ],
)
def test_a_wrong_label_is_refused_and_nothing_of_its_list_is_kept(
    live: Stack, event: Event, wrong: object, field: str
) -> None:
    status, answer = label(live, event, wrong)
    assert (status, [one["field"] for one in answer["error"]["details"]]) == (422, [field])
    assert live.items("Watch") == []


def test_no_label_is_lost_when_functions_die_while_joining(live: Stack, event: Event) -> None:
    # GIVEN transactions, and a function that dies at any of its calls
    names = [f"t-{'x' * number}" for number in range(6)]
    for name in names:
        predict(live, event, name)
    draw, begin = random.Random(5), datetime(2026, 11, 20, tzinfo=UTC)
    reports = [
        Report(
            transaction_id=name, is_fraud=draw.random() < 0.7, source=source, reported_at=(begin + n * DAY).isoformat()
        )
        for n, name in enumerate(names)
        for source in ("customer", "analyst")
    ]

    # WHEN callers send each label until it is acknowledged, and the sweep follows
    for report in reports:
        while True:
            dying = store()
            call = dying.transact

            def transact(items: Any, call: Any = call) -> Any:
                if draw.random() < 0.3:
                    raise ConnectionError
                return call(items)

            dying.transact = transact  # type: ignore[method-assign]
            try:
                dying.add(report)
                break
            except ConnectionError:
                continue
    store().sweep(2)

    # THEN every transaction has the outcome of all that was said of it
    assert {one.transaction_id: (one.is_fraud, one.source, one.reports) for one in outcomes()} == {
        report.transaction_id: (report.is_fraud, "analyst", 2) for report in reports if report.source == "analyst"
    }
