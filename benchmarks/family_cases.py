"""One small model of every family that can be packed, and some of families that cannot."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
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
from sklearn.pipeline import make_pipeline
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

from benchmarks.family_models import AMOUNT, CATEGORY, Case, Floats, Labels, case, fit_lightgbm, fit_xgboost


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
    Case("LightGBM", "LightGBM with categories, from model.txt", fit_lightgbm, "lightgbm"),
    Case("XGBoost", "XGBoost, from model.ubj", fit_xgboost, "xgboost"),
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
