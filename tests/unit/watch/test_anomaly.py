"""An hour unlike its own hour of other weeks is noticed, ordinary ones are not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from fraud.watch.anomaly import anomalies, t_limit
from fraud.watch.cells import Cell

START, HOUR = datetime(2026, 10, 1, tzinfo=UTC), timedelta(hours=1)


def traffic(seed: int, days: int) -> dict[datetime, Cell]:
    """Hours with the rhythm of day and week, and the luck of counting."""
    random, found = np.random.default_rng(seed), {}
    for number in range(24 * days):
        at = START + number * HOUR
        level = 400 * (1 + 0.6 * np.sin(at.hour / 24 * 2 * np.pi)) * (0.6 if at.weekday() > 4 else 1.0)
        n = int(random.poisson(level))
        found[at] = Cell(
            statuses={200: n}, frauds=int(random.binomial(n, 0.01)), high_risk=int(random.binomial(n, 0.02))
        )
    return found


def test_ordinary_hours_alarm_about_as_rarely_as_stated() -> None:
    # GIVEN ten weeks in which nothing happens
    hours = traffic(seed=1, days=70)
    judged = [at for at in hours if at >= START + timedelta(days=29)]

    # WHEN every hour is judged
    alarms = sum(len(anomalies(hours, at)) for at in judged)

    # THEN at most a few of a thousand figures are called unusual
    assert len(judged) * 3 > 2_900
    assert alarms / (3 * len(judged)) <= 0.004


@pytest.mark.parametrize(
    ("change", "metric"),
    [
        (Cell(statuses={200: 0}), "total_transactions"),
        (Cell(statuses={200: 1500}, frauds=15, high_risk=30), "total_transactions"),
        (Cell(statuses={200: 400}, frauds=40, high_risk=8), "fraud_rate"),
        (Cell(statuses={200: 400}, frauds=4, high_risk=120), "high_risk_rate"),
    ],
)
def test_silence_a_rush_and_a_wave_of_fraud_are_noticed(change: Cell, metric: str) -> None:
    hours = traffic(seed=2, days=35)
    at = START + timedelta(days=32, hours=12)
    found = anomalies({**hours, at: change}, at)
    assert metric in [one.metric for one in found]


def test_a_young_system_knows_nothing_usual_yet() -> None:
    hours = traffic(seed=3, days=6)
    assert anomalies(hours, START + timedelta(days=5)) == []


@pytest.mark.parametrize("freedom", [5, 8, 11])
def test_the_limit_is_students(freedom: int) -> None:
    assert t_limit(freedom) == pytest.approx(stats.t.isf(0.0005, freedom), rel=0.02)
