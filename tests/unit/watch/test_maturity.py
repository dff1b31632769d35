"""Rates corrected for labels that have not come yet."""

from statistics import NormalDist

import numpy as np
import pytest

from fraud.watch.maturity import Curve, corrected_rate, maturity

DAYS, A_DAY, RATE = 120, 100_000, 0.002


def history(seed: int) -> tuple[list[tuple[float, float]], list[tuple[int, int, float]]]:
    """Frauds of 120 days reported after a lognormal delay (median 20 days, σ 0.8), as seen today."""
    random = np.random.default_rng(seed)
    seen, cohorts = [], []
    for age in range(1, DAYS + 1):
        delays = random.lognormal(np.log(20), 0.8, random.binomial(A_DAY, RATE))
        known = delays[delays <= age]
        seen += [(float(delay), float(age)) for delay in known]
        cohorts.append((A_DAY, len(known), float(age)))
    return seen, cohorts


def test_the_corrected_rate_of_a_fortnight_is_unbiased_where_the_naive_one_is_not() -> None:
    # GIVEN thirty histories whose labels come with a median delay of 20 days
    corrected, naive = [], []
    for seed in range(30):
        seen, cohorts = history(seed)

        # WHEN the cohort of 14 days ago is rated by the curve learnt from all that is known
        fortnight = [cohort for cohort in cohorts if cohort[2] == 14]
        rate = corrected_rate(fortnight, maturity(seen))
        assert rate is not None
        corrected.append(rate / RATE)
        naive.append(fortnight[0][1] / fortnight[0][0] / RATE)

    # THEN the correction is right on average (what is reported after 120 days is not known to exist: 1.3 %)
    assert np.mean(corrected) == pytest.approx(1.0, abs=0.03)
    assert np.std(corrected) <= 0.15
    assert np.mean(naive) == pytest.approx(0.33, abs=0.02)


def test_the_curve_is_that_of_the_delays() -> None:
    def true(age: float) -> float:
        return NormalDist().cdf(np.log(age / 20) / 0.8)

    seen, _ = history(1)
    curve = maturity(seen)
    for age in (7, 14, 30, 60):
        assert curve.share(age) == pytest.approx(true(age) / true(DAYS), abs=0.02)


def test_without_truncation_it_is_the_empirical_distribution() -> None:
    curve = maturity([(1.0, 100.0), (2.0, 100.0), (2.0, 100.0), (5.0, 100.0)])
    assert (curve.delays, curve.shares) == ((1.0, 2.0, 5.0), (0.25, 0.75, 1.0))
    assert [curve.share(age) for age in (0.5, 1.0, 4.9, 9.0)] == [0.0, 0.25, 0.75, 1.0]


def test_cohorts_of_which_too_little_is_known_are_not_rated() -> None:
    assert corrected_rate([(1000, 1, 0.5)], Curve((1.0, 9.0), (0.2, 1.0), 5)) is None
    assert corrected_rate([(1000, 1, 3.0)], maturity([])) is None
