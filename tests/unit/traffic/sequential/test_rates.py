"""Rates: the formulas against scipy, and the promises by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from fraud.traffic.sequential.beta import beta_above, beta_below
from fraud.traffic.sequential.rates import (
    CONCENTRATION,
    log_evidence,
    log_excess,
    log_shortfall,
    proportion_bounds,
    tilted,
)

shares = st.floats(0.01, 0.99)
counts = st.integers(0, 3000)


@settings(max_examples=150, deadline=None)
@given(st.floats(0.01, 3000), st.floats(0.01, 3000), st.floats(1e-4, 0.9999))
def test_the_incomplete_beta_function_is_scipys(a: float, b: float, x: float) -> None:
    assert beta_below(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-8, abs=1e-280)
    assert beta_above(a, b, x) == pytest.approx(special.betaincc(a, b, x), rel=1e-8, abs=1e-280)


@settings(max_examples=100, deadline=None)
@given(counts, counts, shares)
def test_the_evidence_is_the_ratio_of_the_beta_binomial_to_the_binomial(x: int, rest: int, share: float) -> None:
    # GIVEN an independent way to both likelihoods
    total, a, b = x + rest, CONCENTRATION * share, CONCENTRATION * (1 - share)
    mixture = special.betaln(a + x, b + rest) - special.betaln(a, b)
    null = special.xlogy(x, share) + special.xlog1py(rest, -share)

    # THEN
    assert log_evidence(x, total, share) == pytest.approx(mixture - null, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 12), shares)
def test_evidence_of_either_kind_is_one_in_expectation_at_the_border(total: int, share: float) -> None:
    # GIVEN every outcome of `total` events with its probability under the null
    chances = [math.comb(total, x) * share**x * (1 - share) ** (total - x) for x in range(total + 1)]

    # THEN an E-value's expectation is exactly 1
    for kind in (log_evidence, log_excess, log_shortfall):
        expected = sum(chance * math.exp(kind(x, total, share)) for x, chance in enumerate(chances))
        assert expected == pytest.approx(1.0, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), shares, st.floats(0.05, 1.0))
def test_excess_is_no_evidence_against_any_smaller_share(total: int, share: float, smaller: float) -> None:
    p = share * smaller
    chances = [math.comb(total, x) * p**x * (1 - p) ** (total - x) for x in range(total + 1)]
    expected = sum(chance * math.exp(log_excess(x, total, share)) for x, chance in enumerate(chances))
    assert expected <= 1.0 + 1e-9


def test_a_rate_that_is_a_multiple_has_that_share_of_the_events() -> None:
    assert tilted(0.1, 1.0) == pytest.approx(0.1)
    assert tilted(0.5, 3.0) == pytest.approx(0.75)


@pytest.mark.parametrize(("events", "total"), [(0, 330), (3, 50), (50, 50), (400, 1000)])
def test_the_bounds_are_where_the_evidence_reaches_its_limit(events: int, total: int) -> None:
    # GIVEN bounds at 5 % / WHEN the E-value with the same prior is taken there / THEN it is 20
    for bound in proportion_bounds(events, total, 0.05):
        if 0.0 < bound < 1.0:
            mixture = special.betaln(events + 0.5, total - events + 0.5) - special.betaln(0.5, 0.5)
            null = special.xlogy(events, bound) + special.xlog1py(total - events, -bound)
            assert math.exp(mixture - null) == pytest.approx(20.0, rel=1e-6)


def test_without_observations_nothing_is_known() -> None:
    assert proportion_bounds(0, 0, 0.05) == (0.0, 1.0)


@pytest.mark.no_cover
def test_bounds_hold_at_all_two_hundred_looks_at_once() -> None:
    # GIVEN 300 series of yes-or-no observations at 10 %, looked at 200 times each
    random, rate, missed = np.random.default_rng(3), 0.1, 0
    for _ in range(300):
        seen = random.binomial(20, rate, 200).cumsum()
        bounds = [proportion_bounds(int(x), 20 * (look + 1), 0.05) for look, x in enumerate(seen) if look % 4 == 0]
        missed += any(not low <= rate <= high for low, high in bounds)

    # THEN at most 5 % ever leave the truth out
    assert missed <= 15


def test_two_hundred_clean_runs_show_no_sample_ratio_mismatch_and_51_to_49_is_found() -> None:
    # GIVEN 200 runs of 100,000 units split evenly, and 200 split 51 to 49
    random, limit = np.random.default_rng(4), math.log(1000)

    def alarms(split: float) -> int:
        seen = random.binomial(1000, split, (200, 100)).cumsum(axis=1)
        return sum(any(log_evidence(int(x), 1000 * (k + 1), 0.5, 100.0) > limit for k, x in enumerate(run))
                   for run in seen)  # fmt: skip

    # THEN none of the first alarms, and nearly all of the second do
    assert alarms(0.5) == 0
    assert alarms(0.51) >= 170
