"""Means: the width against the paper's formula, and the promise by simulation beside a re-checked z-test."""

import math
from typing import Any

import numpy as np
import pytest

from fraud.traffic.sequential.means import (
    TIGHTEST_AT,
    Moments,
    bernoulli,
    difference,
    half_width,
    mean_interval,
    moments,
)

ALPHA = 0.05


def test_the_width_is_the_papers() -> None:
    # GIVEN rho as the paper tunes it
    rho = math.sqrt((-2 * math.log(ALPHA) + math.log(-2 * math.log(ALPHA) + 1)) / TIGHTEST_AT)

    # THEN the width is its equation, and no other rho is tighter at N*
    def width(n: int, r: float) -> float:
        return 3.0 * math.sqrt(2 * (n * r * r + 1) / (n * n * r * r) * math.log(math.sqrt(n * r * r + 1) / ALPHA))

    assert half_width(700, 9.0, ALPHA) == pytest.approx(width(700, rho))
    best = min(width(TIGHTEST_AT, rho * factor) for factor in (0.5, 0.7, 1.4, 2.0))
    assert half_width(TIGHTEST_AT, 9.0, ALPHA) < best


def test_moments_of_a_histogram_are_numpys() -> None:
    values = np.repeat([1.0, 2.5, 40.0], [3, 5, 2])
    made = moments([(1.0, 3), (2.5, 5), (40.0, 2), (7.0, 0)])
    assert made.n == 10
    assert made.mean == pytest.approx(values.mean())
    assert made.variance == pytest.approx(values.var(ddof=1))
    assert moments([]) == Moments(0, 0.0, 0.0)


def test_an_empty_arm_says_nothing() -> None:
    assert difference(bernoulli(0, 0), bernoulli(5, 10), ALPHA).high == math.inf
    assert mean_interval(Moments(1, 2.0, 0.0), ALPHA).low == -math.inf


def test_two_equal_arms_looked_at_200_times_have_a_false_winner_in_at_most_5_percent() -> None:
    # GIVEN 400 pairs of arms with equal 10 % rates, 100,000 observations, looked at every 500
    random, looks, runs = np.random.default_rng(5), 200, 400
    arms = random.binomial(250, 0.1, (runs, 2, looks)).cumsum(axis=2)
    n = 250 * np.arange(1, looks + 1)

    # WHEN each look asks whether they differ: by the confidence sequence and by a z-test at 5 %
    def winner(run: Any) -> bool:
        found = (
            difference(bernoulli(int(a), int(k)), bernoulli(int(b), int(k)), ALPHA)
            for a, b, k in zip(*run, n, strict=True)
        )
        return any(one.low > 0 or one.high < 0 for one in found)

    sequence = sum(map(winner, arms)) / runs
    rates = arms / n
    pooled = rates.mean(axis=1)
    z = (rates[:, 0] - rates[:, 1]) / np.sqrt(np.maximum(2 * pooled * (1 - pooled) / n, 1e-12))
    z_test = (np.abs(z) > 1.96).any(axis=1).mean()

    # THEN the sequence keeps its promise and the z-test does not
    assert sequence <= 0.05
    assert z_test > 0.3


def test_a_real_difference_is_found() -> None:
    found = difference(bernoulli(1300, 10_000), bernoulli(1000, 10_000), ALPHA)
    assert 0 < found.low < found.point < found.high
