"""Thresholds lie between observed scores, a sigmoid is used only where it helps, every family learns."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rich.console import Console
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import f1_score

from training.data import Transactions
from training.fit import FAMILIES, best_threshold, finish, probability, sigmoid_helps
from training.generator import generate
from training.trainer import split, train

scores = st.sampled_from([0.0, 0.1, 0.1 + 1e-17, 0.3, np.nextafter(0.3, 1), 0.7, 1.0])


class Told(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Tells the probability in its first column, pushed towards 0 and 1 by `sharpness`."""

    def __init__(self, sharpness: float = 1.0) -> None:
        self.sharpness = sharpness

    def fit(self, X: NDArray[np.float64], y: NDArray[np.int8]) -> "Told":
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: NDArray[np.float64]) -> Any:
        return self.classes_[(self.predict_proba(X)[:, 1] >= 0.5).astype(int)]

    def predict_proba(self, X: NDArray[np.float64]) -> Any:
        odds = (X[:, 0] / (1 - X[:, 0])) ** self.sharpness
        return np.column_stack([1 / (1 + odds), odds / (1 + odds)])


def frequencies(n: int = 4000) -> Transactions:
    """Rows whose first column is the true probability of their label."""
    rng = np.random.default_rng(0)
    p = rng.beta(0.4, 4.0, size=n).clip(0.001, 0.999)
    return Transactions(p[:, np.newaxis], (rng.random(n) < p).astype(np.int8), ("V1",))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), scores), min_size=2, max_size=40))
def test_the_threshold_has_the_best_f1_and_is_no_observed_score(rows: list[tuple[int, float]]) -> None:
    labels = np.array([1, *[label for label, _ in rows]], dtype=np.int8)
    told = np.array([0.3, *[score for _, score in rows]])

    found = best_threshold(labels, told)

    cuts = np.unique(told)
    between = [low for low, high in zip(cuts[1:], cuts[:-1], strict=True) if high < (low + high) / 2 < low]
    if not between:
        assert found == 0.5
        return
    assert found not in told
    assert told.min() < found < told.max()
    assert f1_score(labels, told >= found) == max(f1_score(labels, told >= cut) for cut in between)


def test_of_equally_good_thresholds_the_middle_of_the_widest_gap_is_taken() -> None:
    labels = np.array([0, 1, 0, 0, 0, 1], dtype=np.int8)
    # F1 is 2/3 both with the first alert alone and with all six taken
    told = np.array([0.05, 0.9, 0.2, 0.3, 0.35, 0.1])

    assert best_threshold(labels, told) == pytest.approx((0.9 + 0.35) / 2)


def test_one_score_for_all_leaves_the_default_threshold() -> None:
    assert best_threshold(np.array([0, 1, 1], dtype=np.int8), np.full(3, 0.2)) == 0.5


def test_a_sigmoid_is_put_on_a_model_that_exaggerates() -> None:
    rows = frequencies()
    loud = Told(sharpness=4.0).fit(rows.X, rows.y)

    fitted = finish(loud, "told", rows)

    assert fitted.calibrated
    before, after = probability(loud, rows.X), fitted.scores(rows.X)
    assert ((after - rows.y) ** 2).mean() < ((before - rows.y) ** 2).mean()


def test_a_model_that_tells_the_truth_is_left_alone() -> None:
    rows = frequencies()
    honest = Told().fit(rows.X, rows.y)

    fitted = finish(honest, "told", rows)

    assert not fitted.calibrated
    assert fitted.estimator is honest


def test_a_handful_of_frauds_is_too_few_to_calibrate_on() -> None:
    rows = frequencies()
    few = Transactions(rows.X, np.where(np.cumsum(rows.y) <= 15, rows.y, 0).astype(np.int8), rows.columns)

    assert not sigmoid_helps(Told(sharpness=4.0).fit(few.X, few.y), few)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_and_repeats_by_seed(family: str, console: Console) -> None:
    parts = split(generate(rows=3000, fraud_rate=0.02, seed=2))

    first, second = (train(parts, family, seed=5, console=console) for _ in range(2))

    assert np.array_equal(first.scores, second.scores)
    assert first.evaluation == second.evaluation
    assert first.evaluation.average_precision > 0.5
