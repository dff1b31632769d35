"""What counts as trouble."""

import pytest

from fraud.watch.cells import Cell
from fraud.watch.health import FAIL, PASS, WARN
from fraud.watch.indicators import FraudBounds, dead_letters, drift, error_rate, fraud_rate, label_quality, latency_p99

BOUNDS = FraudBounds()


def decided(n: int, frauds: int) -> Cell:
    return Cell(statuses={200: n}, frauds=frauds)


@pytest.mark.parametrize(
    ("n", "frauds", "status"),
    [
        (500, 0, PASS),  # probability 0.42 at the base rate: no reason to worry
        (50_000, 0, WARN),
        (50_000, 85, PASS),
        (500, 110, WARN),
        (99, 99, PASS),  # too few
        (500, 90, PASS),  # 18 %: within the bounds
    ],
)
def test_fraud_rate_bounds_count_when_the_window_can_tell(n: int, frauds: int, status: str) -> None:
    assert fraud_rate(decided(n, frauds), BOUNDS).status == status


def test_errors_on_our_side_warn_then_fail_and_callers_mistakes_do_not() -> None:
    assert error_rate(Cell(statuses={200: 99, 500: 1})).status == WARN
    assert error_rate(Cell(statuses={200: 90, 503: 10})).status == FAIL
    assert error_rate(Cell(statuses={200: 10, 422: 90})).status == PASS
    assert error_rate(Cell(statuses={500: 3})).status == PASS


def test_slow_scoring_warns() -> None:
    slow = Cell(statuses={200: 100}, latency={350: 100})
    assert latency_p99(slow).status == WARN
    assert latency_p99(Cell(statuses={200: 100}, latency={100: 100})).status == PASS


def test_messages_nobody_could_handle_warn() -> None:
    assert dead_letters({"a": 0, "b": 2}).detail == "b: 2"
    assert dead_letters({"a": 0}).status == PASS


def test_drift_of_another_version_is_not_this_ones() -> None:
    found = {"version": "v1.0.0", "drifted": ["V1"], "rows": 500}
    assert drift(found, "v1.0.0").status == WARN
    assert drift(found, "v1.1.0").status == PASS
    assert drift(None, "v1.1.0").status == PASS


def test_a_version_fails_when_even_the_upper_bound_of_its_f1_is_too_low() -> None:
    def told(high: float) -> dict[str, object]:
        realised = {"f1": 0.6, "f1_low": 0.5, "f1_high": high}
        return {"by_version": {"v1.0.0": {"labelled": 100, "realised": realised}}}

    assert label_quality(told(0.69), "v1.0.0", 0.7).status == FAIL
    assert label_quality(told(0.71), "v1.0.0", 0.7).status == PASS
    assert label_quality(told(0.69), "v1.1.0", 0.7).status == PASS
    assert label_quality(None, None, 0.7).status == PASS
