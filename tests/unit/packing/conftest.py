"""Small seeded estimators, fitted once."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Labelled = tuple[Floats, NDArray[np.int64]]
WIDTH = 8


def draw(seed: int, rows: int, width: int = WIDTH) -> Labelled:
    """Rows of normal columns, the last a skewed amount, and a noisy rule for the label."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, width))
    X[:, -1] = random.lognormal(3, 1.5, rows)
    risk = X[:, 0] - X[:, 1] * X[:, 2] + 0.02 * X[:, -1] + random.normal(size=rows)
    return X, (risk > 2.0).astype(np.int64)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Many small fits are slower on several threads than on one."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def training() -> Labelled:
    """What every estimator here is fitted on."""
    return draw(0, 1200)


@pytest.fixture(scope="session")
def unseen() -> Floats:
    """20,000 other rows."""
    return draw(1, 20_000)[0]


@pytest.fixture(scope="session")
def names() -> list[str]:
    """The columns' names."""
    return [*(f"V{index}" for index in range(1, WIDTH)), "amount"]


@pytest.fixture(scope="session")
def fitted(training: Labelled) -> Mapping[str, Any]:
    """One estimator of each family and of the forms that compute something else."""
    X, y = training
    scaled = make_pipeline(StandardScaler(), LogisticRegression())
    models = {
        "logistic": LogisticRegression(max_iter=500),
        "logistic_balanced": LogisticRegression(class_weight="balanced", fit_intercept=False, max_iter=500),
        "tree": DecisionTreeClassifier(max_leaf_nodes=30, random_state=0),
        "forest": RandomForestClassifier(12, random_state=0, n_jobs=2),
        "forest_weighted": RandomForestClassifier(
            8, random_state=0, class_weight="balanced_subsample", min_samples_leaf=3
        ),
        "extra_trees": ExtraTreesClassifier(8, random_state=0, max_depth=8),
        "boosting": GradientBoostingClassifier(n_estimators=20, random_state=0, subsample=0.7),
        "boosting_exponential": GradientBoostingClassifier(
            n_estimators=10, random_state=0, loss="exponential", init="zero", learning_rate=1, min_samples_leaf=20
        ),
        "hist": HistGradientBoostingClassifier(max_iter=20, random_state=0),
        "hist_early": HistGradientBoostingClassifier(
            max_iter=20, random_state=0, early_stopping=True, scoring="average_precision", monotonic_cst=[1] + [0] * 7
        ),
        "scaled_logistic": scaled,
        "scaled_forest": make_pipeline(
            MinMaxScaler(clip=True), "passthrough", RobustScaler(), RandomForestClassifier(6, random_state=0)
        ),
        "half_scaled": make_pipeline(
            StandardScaler(with_mean=False),
            RobustScaler(with_scaling=False),
            HistGradientBoostingClassifier(max_iter=5),
        ),
        "calibrated_forest": CalibratedClassifierCV(RandomForestClassifier(5, random_state=0), cv=3),
        "calibrated_logistic": CalibratedClassifierCV(scaled, cv=3, ensemble=False),
        "isotonic_hist": CalibratedClassifierCV(
            HistGradientBoostingClassifier(max_iter=8, random_state=0), cv=3, method="isotonic"
        ),
        "isotonic_boosting": CalibratedClassifierCV(
            GradientBoostingClassifier(n_estimators=5, random_state=0), cv=3, method="isotonic", ensemble=False
        ),
    }
    for model in models.values():
        model.fit(X, y)
    models["isotonic_frozen"] = CalibratedClassifierCV(FrozenEstimator(models["forest"]), method="isotonic").fit(X, y)
    return models


@pytest.fixture(scope="session")
def wide() -> Labelled:
    """Rows in the order of the public card data: time, 28 components, amount."""
    X, y = draw(2, 600, 30)
    X[:, 0] = np.linspace(0, 172_800, len(X))
    X[:, 29] = X[:, 29] * 5
    return X, y
