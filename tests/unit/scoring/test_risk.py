"""The risk score is monotone in the probability and continuous in the amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.scoring.risk import Thresholds, adjustments, base_score, recommendation, risk_score

probabilities = st.floats(0, 1)
amounts = st.floats(0, 1e9)
thresholds = st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 1)).map(lambda pair: Thresholds(min(pair), max(pair)))


def test_with_default_thresholds_the_score_is_a_hundred_times_the_probability() -> None:
    assert [risk_score(p, Thresholds(), []) for p in (0, 0.25, 0.5, 0.65, 0.8, 1)] == [0, 25, 50, 65, 80, 100]


def test_the_score_is_anchored_at_the_versions_thresholds() -> None:
    assert base_score(0.2, Thresholds(0.2, 0.6)) == 50
    assert base_score(0.6, Thresholds(0.2, 0.6)) == 80
    assert base_score(1.0, Thresholds(0.2, 1.0)) == 100


@given(probabilities, probabilities, thresholds, amounts, st.sampled_from(["gambling", "food", None]))
def test_a_higher_probability_never_lowers_the_score(
    one: float, other: float, at: Thresholds, amount: float, category: str | None
) -> None:
    extra = adjustments(amount, category)
    low, high = sorted((one, other))
    assert 0 <= risk_score(low, at, extra) <= risk_score(high, at, extra) <= 100


@given(probabilities, amounts, st.floats(0, 0.01))
def test_a_cent_never_makes_the_score_jump(probability: float, amount: float, step: float) -> None:
    before = risk_score(probability, Thresholds(), adjustments(amount, None))
    after = risk_score(probability, Thresholds(), adjustments(amount + step, None))
    assert abs(after - before) <= 0.01 + 1e-9  # two decimals are kept


def test_adjustments_are_named_and_bounded() -> None:
    found = adjustments(1e12, "Gambling")
    assert [(item.name, item.points) for item in found] == [("merchant_category", 5.0), ("amount_band", 5.0)]
    assert adjustments(99.0, "groceries") == []


@pytest.mark.parametrize(
    ("probability", "words"), [(0.29, "approve"), (0.3, "verify"), (0.79, "verify"), (0.8, "block")]
)
def test_the_recommendation_follows_the_thresholds(probability: float, words: str) -> None:
    assert recommendation(probability, Thresholds(0.3, 0.8)) == words
