"""Small honest models over the contract's thirty columns, to be tampered with; every call gives a fresh copy."""

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

WIDTH = 30
Labelled = tuple[NDArray[np.float64], NDArray[np.int64]]


@cache
def training(width: int = WIDTH) -> Labelled:
    """300 rows, and labels the first two columns decide."""
    X = np.random.default_rng(3).normal(size=(300, width))
    return X, (X[:, 0] + X[:, 1] > 0.5).astype(np.int64)


def _fresh(make: Callable[[], Any]) -> Callable[[], Any]:
    fitted = cache(lambda: make().fit(*training()))
    return lambda: copy.deepcopy(fitted())


forest = _fresh(lambda: RandomForestClassifier(5, max_depth=4, random_state=0))
boosting = _fresh(lambda: GradientBoostingClassifier(n_estimators=4, random_state=0))
hist = _fresh(lambda: HistGradientBoostingClassifier(max_iter=4, random_state=0))
linear = _fresh(LogisticRegression)
pipeline = _fresh(lambda: make_pipeline(StandardScaler(), LogisticRegression()))
calibrated = _fresh(lambda: CalibratedClassifierCV(LogisticRegression(), cv=2, method="isotonic"))


def bundle() -> dict[str, Any]:
    """An ensemble of two behind a scaler."""
    scaler = StandardScaler().fit(training()[0])
    return {"models": {"a": forest(), "b": linear()}, "scaler": scaler, "weights": {"a": 2.0, "b": 1.0}}
