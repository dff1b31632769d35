"""An operator's own metrics: counted where every condition holds; configuration that makes no sense is named."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from fraud.requests.record import Item, decision_item, scored
from fraud.scoring.prediction import Explanation, Prediction
from fraud.watch.anomaly import anomalies
from fraud.watch.cells import Cell, cell_of
from fraud.watch.custom import custom_metrics, fulfilled
from fraud.watch.prometheus import exposition, of_totals
from fraud.watch.reports import decisions
from fraud.watch.rules import rules, value_of

LARGE = {"name": "large", "when": [{"field": "amount", "comparison": ">", "value": 100}]}
LARGE_ALLOWED = {
    "name": "large_allowed",
    "when": [*LARGE["when"], {"field": "recommendation", "comparison": "==", "value": "allow"}],
}
OWN = custom_metrics(json.dumps([LARGE, LARGE_ALLOWED]))


def record(amount: float, recommendation: str = "allow") -> Item:
    told = Explanation(
        risk_factors=[], protective_factors=[], adjustments=[], confidence=0.9, recommendation=recommendation,
        method="linear_shap", unit="log_odds", base=0.0, margin=0.0, other=0.0,
    )  # fmt: skip
    prediction = Prediction(
        transaction_id="t", is_fraud=False, fraud_probability=0.1, risk_score=10.0, model_version="v1.0.0",
        processing_time_ms=1.0, explanation=told, cache_hit=False, imputed_features=[], request_id="r",
    )  # fmt: skip
    return decision_item(
        prediction, digest="d", row=[1.0], free_fields={}, endpoint="/predict", amount=amount,
        at=datetime(2026, 1, 1, tzinfo=UTC), retention=timedelta(days=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "recommendation", "expected"),
    [(100.0, "allow", {}), (100.5, "allow", {"large": 1, "large_allowed": 1}), (100.5, "block", {"large": 1})],
)
def test_every_condition_must_hold(amount: float, recommendation: str, expected: dict[str, int]) -> None:
    item = record(amount, recommendation)
    assert fulfilled(OWN, item, scored(item)) == expected


def counted(*amounts: float) -> Cell:
    total = Cell()
    for amount in amounts:
        total.add(cell_of(record(amount), (), 70.0, OWN))
    return total


def test_counts_and_shares_are_reported_exposed_and_open_to_alert_rules() -> None:
    cell = counted(50.0, 150.0, 250.0, 20.0)

    assert decisions(cell)["custom"]["large"] == {"count": 2, "rate": 0.5}
    assert 'fraud_custom_total{version="v1.0.0",endpoint="/predict",metric="large"} 2' in exposition(
        of_totals({"v1.0.0 /predict": cell})
    )
    many = {"name": "many", "metric": "custom.large", "comparison": ">", "threshold": 0, "at_least": 1}
    rule = next(one for one in rules(json.dumps([many])) if one.name == "many")
    assert value_of(rule, {}, lambda _: cell) == 0.5


def test_a_cell_of_before_there_were_any_is_still_read() -> None:
    old = msgspec.json.encode(msgspec.json.decode(msgspec.json.encode(counted(150.0)))[:-1])
    assert msgspec.json.decode(old, type=Cell).custom == {}


def test_an_hour_with_an_unusual_share_is_an_anomaly() -> None:
    # GIVEN weeks in which one in ten was large, and an hour in which half are
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    usual, now = (Cell(statuses={200: 1000}, custom={"large": large}) for large in (100, 500))
    weeks = {at - timedelta(weeks=week, hours=hour): usual for week in range(1, 5) for hour in (-1, 0, 1)}

    [found] = anomalies({**weeks, at: now}, at)

    assert found.metric == "custom.large"
    assert found.value == pytest.approx(0.5, abs=0.001)
    assert found.usual == pytest.approx(0.1, abs=0.001)


def changed(**changes: Any) -> str:
    return json.dumps([{"name": "large", "when": [{**LARGE["when"][0], **changes}]}])  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "told",
    [
        "{}",
        json.dumps([LARGE, LARGE]),
        json.dumps([{**LARGE, "name": "Large!"}]),
        json.dumps([{"name": "all", "when": []}]),
        changed(field="V1"),
        changed(comparison="!="),
        changed(value="much"),
        changed(field="endpoint", value="/predict"),
        changed(unknown=1),
    ],
)
def test_what_makes_no_sense_is_refused(told: str) -> None:
    with pytest.raises(ValueError):
        custom_metrics(told)
