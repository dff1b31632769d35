"""Fit a model family, calibrate it when that helps, and choose its threshold: all without the validation rows."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training.data import Transactions

Estimator = Any  # scikit-learn ships no types
Floats = NDArray[np.float64]
Labels = NDArray[np.int8]

DEFAULT_FAMILY = "hist_gradient_boosting"
MINIMUM_CALIBRATION_FRAUDS = 10


@dataclass(frozen=True)
class Fitted:
    """A model ready to be dropped: its family, the decision threshold, and whether a sigmoid was put on top."""

    estimator: Estimator
    family: str
    threshold: float
    calibrated: bool

    def scores(self, X: Floats) -> Floats:
        """Probability of fraud (n,) of each row."""
        return probability(self.estimator, X)


def probability(estimator: Estimator, X: Floats) -> Floats:
    """The second column of `predict_proba`."""
    scores: Floats = estimator.predict_proba(X)[:, 1].astype(np.float64)
    return scores


def _hist_gradient_boosting(seed: int) -> Estimator:
    # Untouched defaults do badly on rare fraud: tiny Hessians let single rows make huge leaves. Small trees, large
    # leaves, a strong l2 and a subset of features per split cure it; early stopping would give rows away at random.
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=250,
        max_leaf_nodes=8,
        min_samples_leaf=100,
        l2_regularization=50.0,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )


def _logistic(seed: int) -> Estimator:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000, random_state=seed))


def _random_forest(seed: int) -> Estimator:
    return RandomForestClassifier(
        n_estimators=200, min_samples_leaf=2, class_weight="balanced_subsample", random_state=seed
    )


FAMILIES: dict[str, Callable[[int], Estimator]] = {
    DEFAULT_FAMILY: _hist_gradient_boosting,
    "logistic": _logistic,
    "random_forest": _random_forest,
}


def fit_family(family: str, train: Transactions, *, seed: int) -> Estimator:
    """The fitted estimator of a family of FAMILIES."""
    # All cores for the fit alone: a forest that scores in parallel adds its trees up in any order.
    with parallel_config(backend="threading", n_jobs=os.cpu_count()):
        return FAMILIES[family](seed).fit(train.X, train.y)


def finish(estimator: Estimator, family: str, held_out: Transactions) -> Fitted:
    """Calibrate and choose the threshold on rows the estimator has not seen."""
    calibrated = sigmoid_helps(estimator, held_out)
    final = _with_sigmoid(estimator, held_out) if calibrated else estimator
    threshold = best_threshold(held_out.y, probability(final, held_out.X))
    return Fitted(final, family, threshold, calibrated)


def sigmoid_helps(estimator: Estimator, held_out: Transactions) -> bool:
    """Whether a sigmoid fitted on the earlier half lowers the Brier score of the later half.

    No when either half holds too few frauds to tell.
    """
    early, late = held_out.between(0, 0.5), held_out.between(0.5, 1)
    if min(early.frauds, late.frauds) < MINIMUM_CALIBRATION_FRAUDS:
        return False
    with_sigmoid = probability(_with_sigmoid(estimator, early), late.X)
    return _brier(late.y, with_sigmoid) < _brier(late.y, probability(estimator, late.X))


def best_threshold(labels: Labels, scores: Floats) -> float:
    """The threshold of the highest F1, halfway between two neighbouring observed scores, never on one.

    Of several equally good ones the middle of the widest gap, which is the least sensitive to rounding.
    0.5 when all scores are equal.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, tp = scores[order], np.cumsum(labels[order])
    middle = (ranked[:-1] + ranked[1:]) / 2
    cuts = np.flatnonzero((middle < ranked[:-1]) & (middle > ranked[1:]))
    if not len(cuts):
        return 0.5
    f1 = 2 * tp[cuts] / (cuts + 1 + tp[-1])
    gap = ranked[cuts] - ranked[cuts + 1]
    best = cuts[np.lexsort((gap, f1))[-1]]
    return float(middle[best])


def _with_sigmoid(estimator: Estimator, held_out: Transactions) -> Estimator:
    return CalibratedClassifierCV(FrozenEstimator(estimator), method="sigmoid").fit(held_out.X, held_out.y)


def _brier(labels: Labels, scores: Floats) -> float:
    return math.fsum((scores - labels) ** 2) / len(labels)
