"""Our tails are scipy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fraud.watch import significance


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 200), st.integers(1, 40))
def test_the_tail_of_chi_squared(x: float, freedom: int) -> None:
    assert significance.chi2_tail(x, freedom) == pytest.approx(stats.chi2.sf(x, freedom), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("freedom", [1, 2, 9, 19])
def test_its_critical_value(freedom: int) -> None:
    assert significance.chi2_critical(0.01, freedom) == pytest.approx(stats.chi2.isf(0.01, freedom), rel=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.001, 1), st.integers(50, 5000), st.integers(50, 5000))
def test_the_tail_of_kolmogorov(distance: float, n: int, m: int) -> None:
    oracle = stats.kstwobign.sf(distance * np.sqrt(n * m / (n + m)))
    assert significance.ks_tail(distance, n, m) == pytest.approx(oracle, rel=1e-6, abs=1e-12)


def test_the_critical_distance_is_the_textbooks() -> None:
    assert significance.ks_critical(0.05, 100, 200) == pytest.approx(1.358 * np.sqrt(300 / 20_000), rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusted_p_values_are_those_of_benjamini_and_hochberg(p_values: list[float]) -> None:
    assert significance.adjusted(p_values) == pytest.approx(stats.false_discovery_control(p_values).tolist())


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2000), st.floats(1e-4, 0.9), st.data())
def test_the_tails_of_the_binomial(n: int, rate: float, draw: st.DataObject) -> None:
    count = draw.draw(st.integers(0, n))
    below, above = significance.binomial_tails(count, n, rate)
    assert below == pytest.approx(stats.binom.cdf(count, n, rate), rel=1e-6, abs=1e-9)
    assert above == pytest.approx(stats.binom.sf(count - 1, n, rate), rel=1e-6, abs=1e-9)
