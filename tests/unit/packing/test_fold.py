"""Trees behind logarithms and powers decide as scikit-learn's do, to the last representable number."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, PowerTransformer, StandardScaler

from fraud.errors import InvalidRequestError, UnsupportedModelError
from fraud.packing import pack
from fraud.packing.chains import Chain, Step
from fraud.packing.thresholds import raw_thresholds
from fraud.scoring.packed import container
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import Floats, Labelled
from tests.unit.packing.test_families import answers, scores


def _forest() -> RandomForestClassifier:
    return RandomForestClassifier(6, random_state=0)


def _log() -> FunctionTransformer:
    return FunctionTransformer(np.log1p)


MODELS = {
    "log": make_pipeline(ColumnTransformer([("log", _log(), [7])], remainder="passthrough"), _forest()),
    "log_scaled": make_pipeline(
        ColumnTransformer([("log", make_pipeline(_log(), StandardScaler()), [7])], remainder="passthrough"), _forest()
    ),
    "powers": make_pipeline(PowerTransformer(), _forest()),
    "powers_of_float64": make_pipeline(
        PowerTransformer(standardize=False), MinMaxScaler(clip=True), HistGradientBoostingClassifier(max_iter=8)
    ),
    "box_cox": make_pipeline(
        ColumnTransformer([("b", PowerTransformer("box-cox"), [7])], remainder="passthrough"), _forest()
    ),
    "indicators": make_pipeline(
        SimpleImputer(add_indicator=True), PowerTransformer(), HistGradientBoostingClassifier(max_iter=8)
    ),
}


def _beside(limits: Floats, column: int, rows: Floats) -> Floats:
    steps = [limits]
    for way in (-np.inf, np.inf):
        moved = limits
        for _ in range(3):
            moved = np.nextafter(moved, way)
            steps.append(moved)
    placed = np.tile(rows[: len(limits)], (len(steps), 1))
    placed[:, column] = np.concatenate(steps)
    return placed


def _thresholds_of(data: bytes, column: int) -> Floats:
    _, arrays = container.decode(data)
    (feature,) = (np.asarray(view) for name, view in arrays.items() if name.endswith(".feature"))
    (value,) = (np.asarray(view) for name, view in arrays.items() if name.endswith(".value"))
    return np.unique(value[(feature == column) & (value < 1e300)])


@pytest.mark.parametrize("name", MODELS)
def test_the_numbers_beside_every_threshold_go_the_way_they_go_in_scikit_learn(
    name: str, training: Labelled, unseen: Floats, names: list[str]
) -> None:
    X, y = training
    if name == "indicators":
        X = np.where(np.random.default_rng(0).random(X.shape) < 0.1, np.nan, X)
    model = MODELS[name].fit(X, y)
    data = pack(model, feature_names=names).model
    packed = PackedModel.from_bytes(data)
    limits = [(column, _thresholds_of(data, column)) for column in (0, 7)]
    rows = np.concatenate([unseen[:500], *(_beside(found[:200], column, unseen) for column, found in limits)])

    assert all(len(found) > 5 for _, found in limits)
    np.testing.assert_array_equal(scores(packed, rows) >= 0.5, answers(model, rows) >= 0.5)
    assert np.max(np.abs(scores(packed, rows) - answers(model, rows))) <= packed.parity_tolerance


def test_behind_a_curve_the_packed_trees_read_the_raw_columns(training: Labelled, names: list[str]) -> None:
    header, _ = container.decode(pack(MODELS["log"].fit(*training), feature_names=names).model)

    assert [step["op"] for step in header["program"]["transforms"]] == ["bounds"]
    assert header["program"]["of"]["op"] == "trees"
    assert header["program"]["of"]["single"] is False


def test_behind_scalers_alone_nothing_moves(training: Labelled, names: list[str]) -> None:
    model = make_pipeline(StandardScaler(), _forest()).fit(*training)

    header, _ = container.decode(pack(model, feature_names=names).model)

    assert [step["op"] for step in header["program"]["transforms"]] == ["shift_scale"]


@pytest.mark.parametrize("final", [LogisticRegression(), RandomForestClassifier(3, random_state=0)])
@pytest.mark.parametrize("amount", [-1.0, -7.0])
def test_a_row_without_a_logarithm_is_refused_whatever_follows(
    final: Any, amount: float, training: Labelled, names: list[str]
) -> None:
    model = make_pipeline(ColumnTransformer([("log", _log(), [7])]), final).fit(*training)
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

    with pytest.raises(InvalidRequestError, match="defined for"):
        packed.score([0.0] * 7 + [amount])
    assert 0.0 <= packed.score([0.0] * 7 + [-0.99]) <= 1.0


def test_members_of_a_stack_are_moved_one_by_one(training: Labelled, unseen: Floats, names: list[str]) -> None:
    stack = StackingClassifier(
        [("forest", _forest()), ("linear", LogisticRegression(max_iter=500))],
        final_estimator=make_pipeline(PowerTransformer(), _forest()),
        cv=2,
    )
    model = make_pipeline(PowerTransformer(), stack).fit(*training)
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

    assert np.max(np.abs(scores(packed, unseen[:1000]) - answers(model, unseen[:1000]))) <= 1e-12


def test_a_row_passed_through_behind_a_power_is_refused(training: Labelled, names: list[str]) -> None:
    stack = StackingClassifier([("linear", LogisticRegression())], passthrough=True, cv=2)
    model = make_pipeline(PowerTransformer(), stack).fit(*training)

    with pytest.raises(UnsupportedModelError, match="passthrough behind a logarithm or power"):
        pack(model, feature_names=names)


def test_a_category_behind_a_power_is_refused(training: Labelled, names: list[str]) -> None:
    X, y = training
    whole = np.column_stack([X[:, :6], np.round(X[:, 6]), X[:, 7]])
    boosted = HistGradientBoostingClassifier(max_iter=10, categorical_features=[6], min_samples_leaf=5)
    model = make_pipeline(PowerTransformer(), boosted).fit(whole, y)

    with pytest.raises(UnsupportedModelError, match="categorical column behind"):
        pack(model, feature_names=names)


def test_a_transform_that_falls_near_a_threshold_is_refused() -> None:
    def bump(x: Floats) -> Floats:
        return np.where(x == np.nextafter(0.5, 0.0), 2.0, x)

    with pytest.raises(UnsupportedModelError, match="falls somewhere"):
        raw_thresholds(Chain(0, (Step(bump, curved=True),)), np.array([0.5]), single=False)


def test_a_split_no_value_can_pass_is_turned() -> None:
    def clipped(x: Floats) -> Floats:
        return np.clip(x, 0.0, 1.0)

    found = raw_thresholds(Chain(0, (Step(clipped, curved=True),)), np.array([-0.5, 0.5, 1.5]), single=False)

    assert found.always_high.tolist() == [True, False, False]
    assert found.threshold.tolist() == [np.finfo(float).max, 0.5, np.finfo(float).max]


class Shifted(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A transformer of somebody's own."""


def test_a_transformer_of_ones_own_is_refused_by_name(training: Labelled, names: list[str]) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(*training)
    model.steps[0] = ("own", Shifted())
    model.steps[0][1].n_features_in_ = 8

    with pytest.raises(UnsupportedModelError, match="Shifted cannot be packed"):
        pack(model, feature_names=names)
