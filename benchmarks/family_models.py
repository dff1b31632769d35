"""How a model of a family is described, fitted and asked, and the rows it is fitted on."""

import tempfile
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from fraud.packing.answers import probability_of_fraud
from fraud.packing.loader import load

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
NAMES = ("V1", "V2", "V3", "V4", "V5", "V6", "category", "amount")
CATEGORY, AMOUNT = 6, 7


class Source(NamedTuple):
    """A fitted artefact, and its own library's probabilities of fraud."""

    artefact: Any
    answers: Callable[[Floats], Floats]


class Case(NamedTuple):
    """A model of a family: what it is, how it is fitted, and the library it needs beside scikit-learn."""

    family: str
    model: str
    fit: Callable[[Floats, Labels], Source]
    library: str | None = None

    @property
    def available(self) -> bool:
        """Whether the library is installed."""
        return self.library is None or find_spec(self.library) is not None


def draw(seed: int, rows: int) -> tuple[Floats, Labels]:
    """Normal columns, a category of 30 numbers, a skewed amount, and a noisy rule for the label."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, len(NAMES)))
    X[:, CATEGORY] = random.integers(0, 30, rows)
    X[:, AMOUNT] = random.lognormal(3, 1.5, rows)
    risk = X[:, 0] - X[:, 1] * X[:, 2] + 0.02 * X[:, AMOUNT] + 1.5 * (X[:, CATEGORY] % 4 == 1)
    return X, (risk + random.normal(size=rows) > 2.5).astype(np.int64)


def case(model: Any, *, family: str | None = None, words: str | None = None, gaps: bool = False) -> Case:
    """A case of a scikit-learn estimator; `gaps`: it is fitted on rows with missing values."""

    def fit(X: Floats, y: Labels) -> Source:
        if gaps:
            X = np.where(np.random.default_rng(0).random(X.shape) < 0.1, np.nan, X)
        fitted = model.fit(X, y)
        return Source(fitted, lambda rows: probability_of_fraud(fitted, rows))

    return Case(family or type(model).__name__, words or _words(model), fit)


def fit_lightgbm(X: Floats, y: Labels) -> Source:
    """A LightGBM model with categories, by way of its own text."""
    library = import_module("lightgbm")
    options = {"objective": "binary", "num_leaves": 15, "verbosity": -1, "num_threads": 1, "min_data_per_group": 5}
    booster = library.train(options, library.Dataset(X, y, categorical_feature=[CATEGORY]), 30)
    return Source(_reread(booster, "model.txt"), lambda rows: np.asarray(booster.predict(rows, num_threads=1)))


def fit_xgboost(X: Floats, y: Labels) -> Source:
    """An XGBoost model, by way of its own UBJSON."""
    library = import_module("xgboost")
    model = library.XGBClassifier(n_estimators=30, max_depth=4, n_jobs=1).fit(X, y)
    return Source(_reread(model, "model.ubj"), lambda rows: np.asarray(model.predict_proba(rows)[:, 1], np.float64))


def _reread(model: Any, name: str) -> object:
    with tempfile.TemporaryDirectory() as folder:
        model.save_model(Path(folder) / name)
        return load(Path(folder) / name).artefact


def _words(model: Any) -> str:
    if isinstance(model, Pipeline):
        return " + ".join(_words(step) for _, step in model.steps)
    return model if isinstance(model, str) else type(model).__name__
