"""How fast a packed model answers, measured in bounded time."""

import time
from collections.abc import Iterator

import pytest

from fraud.scoring.packed.model import PackedModel
from fraud.versions.measurement import measure_latency
from tests.unit.scoring.packed.programs import forest

ROWS = [(float(number), -float(number)) for number in range(5)]


def model() -> PackedModel:
    return PackedModel.from_bytes(forest([(0, 2.0, 0.25, 0.75)], 2))


def ticking(step: float) -> Iterator[float]:
    """A clock that moves on by `step` seconds whenever it is read."""
    now = 0.0
    while True:
        yield now
        now += step


def test_a_row_and_a_thousand_rows_are_timed() -> None:
    # GIVEN a clock that shows 2 µs later each time / WHEN
    clock = ticking(2e-6)
    found = measure_latency(model(), ROWS, lambda: next(clock))

    # THEN one row takes one tick; a thousand, read before and after each, just under two thousand
    assert found.one_row_us == pytest.approx(2.0)
    assert found.thousand_rows_ms == pytest.approx(1999 * 0.002)


def test_a_slow_model_is_timed_on_fewer_rows() -> None:
    # GIVEN a row that takes 0.3 s
    clock = ticking(0.3)

    # WHEN
    found = measure_latency(model(), ROWS, lambda: next(clock))

    # THEN the time is over after the first one of each figure, and a thousand are computed from it
    assert found.one_row_us == pytest.approx(300_000)
    assert found.thousand_rows_ms == pytest.approx(300_000)
    assert next(clock) == pytest.approx(0.3 * 6)


def test_measuring_takes_less_than_a_second() -> None:
    before = time.perf_counter()
    found = measure_latency(model(), ROWS)

    assert time.perf_counter() - before < 1
    assert 0 < found.one_row_us < 10_000
    assert 0 < found.thousand_rows_ms < 1000
