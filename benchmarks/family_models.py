"""One small model of every family that can be packed, and some of families that cannot."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

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


def _lightgbm(X: Floats, y: Labels) -> Source:
    library = import_module("lightgbm")
    options = {"objective": "binary", "num_leaves": 15, "verbosity": -1, "num_threads": 1, "min_data_per_group": 5}
    booster = library.train(options, library.Dataset(X, y, categorical_feature=[CATEGORY]), 30)
    return Source(_reread(booster, "model.txt"), lambda rows: np.asarray(booster.predict(rows)))


def _xgboost(X: Floats, y: Labels) -> Source:
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


def _forest(trees: int = 10) -> RandomForestClassifier:
    return RandomForestClassifier(trees, random_state=0)


def _logistic() -> LogisticRegression:
    return LogisticRegression(max_iter=1000)


def _log() -> FunctionTransformer:
    return FunctionTransformer(np.log1p, inverse_func=np.expm1, feature_names_out="one-to-one")


def _columns(remainder: Any = "passthrough") -> ColumnTransformer:
    ways = [
        ("amount", make_pipeline(_log(), StandardScaler()), [AMOUNT]),
        ("components", StandardScaler(), slice(0, 3)),
        ("unused", "drop", [3]),
    ]
    return ColumnTransformer(ways, remainder=remainder)


def _boosted(**options: Any) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(max_iter=15, random_state=0, **options)


def _voters() -> list[tuple[str, Any]]:
    return [("linear", make_pipeline(StandardScaler(), _logistic())), ("forest", _forest()), ("boosted", _boosted())]


CASES: Sequence[Case] = (
    case(_logistic()),
    case(make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", random_state=0)), family="SGDClassifier"),
    case(DecisionTreeClassifier(max_leaf_nodes=30, random_state=0)),
    case(ExtraTreeClassifier(max_leaf_nodes=30, random_state=0)),
    case(_forest()),
    case(ExtraTreesClassifier(10, random_state=0, max_depth=8)),
    case(GradientBoostingClassifier(n_estimators=20, random_state=0)),
    case(_boosted()),
    case(_boosted(categorical_features=[CATEGORY]), words="HistGradientBoostingClassifier with categories"),
    Case("LightGBM", "LightGBM with categories, from model.txt", _lightgbm, "lightgbm"),
    Case("XGBoost", "XGBoost, from model.ubj", _xgboost, "xgboost"),
    case(IsolationForest(n_estimators=20, random_state=0, contamination=0.05)),
    case(VotingClassifier(_voters(), voting="soft", weights=[1, 2, 3])),
    case(StackingClassifier(_voters(), cv=2)),
    case(CalibratedClassifierCV(_forest(), cv=2)),
    case(CalibratedClassifierCV(_boosted(), cv=2, method="isotonic"))._replace(
        model="CalibratedClassifierCV, isotonic"
    ),
    case(make_pipeline(MinMaxScaler(clip=True), _forest()), family="MinMaxScaler"),
    case(make_pipeline(StandardScaler(), _logistic()), family="StandardScaler"),
    case(make_pipeline(RobustScaler(), _boosted()), family="RobustScaler"),
    case(make_pipeline(PowerTransformer(), _forest()), family="PowerTransformer"),
    case(
        make_pipeline(ColumnTransformer([("amount", _log(), [AMOUNT])], remainder="passthrough"), _boosted()),
        family="FunctionTransformer",
    ),
    case(make_pipeline(SimpleImputer(add_indicator=True), _boosted()), family="SimpleImputer", gaps=True),
    case(make_pipeline(_columns(), _logistic()), family="ColumnTransformer"),
    case(make_pipeline(_columns(StandardScaler()), _forest()), family="ColumnTransformer"),
    case(make_pipeline(StandardScaler(), "passthrough", _logistic()), family="Pipeline"),
)


def frozen(X: Floats, y: Labels) -> Case:
    """The case of what is fitted before it is frozen."""
    model = CalibratedClassifierCV(FrozenEstimator(_forest().fit(X, y)))
    return case(model, family="FrozenEstimator", words="CalibratedClassifierCV of a FrozenEstimator")


REFUSED: Mapping[str, Any] = {
    "AdaBoostClassifier": AdaBoostClassifier(n_estimators=3),
    "GaussianNB": GaussianNB(),
    "KNeighborsClassifier": KNeighborsClassifier(),
    "MLPClassifier": MLPClassifier(hidden_layer_sizes=(2,), max_iter=500, tol=1.0),
    "QuantileTransformer": make_pipeline(QuantileTransformer(n_quantiles=9), _logistic()),
    "SGDClassifier with another loss than log_loss": make_pipeline(StandardScaler(), SGDClassifier(loss="hinge")),
    "SVC": SVC(),
    "VotingClassifier with hard voting": VotingClassifier(_voters()[:2], voting="hard"),
}
