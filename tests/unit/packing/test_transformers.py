"""Imputers, logarithms, powers and column transformers: their forms, and those that are refused."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, PowerTransformer, StandardScaler

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing import pack
from fraud.packing.loader import load
from fraud.scoring.packed import container
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import Floats, Labelled
from tests.unit.packing.test_families import answers, scores


def _logistic() -> LogisticRegression:
    return LogisticRegression(max_iter=2000)


def _gaps(X: Floats) -> Floats:
    gaps = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    gaps[:, 3] = np.nan  # an empty column
    return gaps


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize(
    "options",
    [
        {"strategy": "mean"},
        {"strategy": "median", "add_indicator": True},
        {"strategy": "constant", "fill_value": -1.0},
        {"keep_empty_features": True, "add_indicator": True},
    ],
)
@pytest.mark.parametrize("final", [_logistic(), RandomForestClassifier(5, random_state=0)])
def test_complete_rows_pass_an_imputer_unchanged(
    options: dict[str, Any], final: Any, training: Labelled, unseen: Floats, names: list[str]
) -> None:
    X, y = training
    model = make_pipeline(SimpleImputer(**options), StandardScaler(), final).fit(_gaps(X), y)
    rows = unseen[:500]

    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

    assert np.max(np.abs(scores(packed, rows) - answers(model, rows))) <= packed.parity_tolerance


def test_an_indicator_explains_nothing(training: Labelled, names: list[str]) -> None:
    X, y = training
    X = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    model = make_pipeline(SimpleImputer(add_indicator=True), _logistic()).fit(X, y)
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

    explained = packed.explain([1.0] * 8, [0.0] * 8)

    assert explained.contributions == pytest.approx(model[-1].coef_[0][:8])


@pytest.mark.parametrize(
    ("imputer", "rows", "why"),
    [
        (SimpleImputer(missing_values=-1.0), None, r"missing_values=-1\.0"),
        (SimpleImputer(missing_values=0, strategy="most_frequent"), None, "missing_values=0"),
        (SimpleImputer(), np.float32, "fitted on float32"),
        (SimpleImputer(strategy="most_frequent"), np.int64, "fitted on int64"),
    ],
)
def test_an_imputer_that_would_change_a_complete_row_is_refused(
    imputer: SimpleImputer, rows: Any, why: str, training: Labelled, names: list[str]
) -> None:
    X, y = training
    model = make_pipeline(imputer, _logistic()).fit(X if rows is None else X.astype(rows), y)

    with pytest.raises(UnsupportedModelError, match=why):
        pack(model, feature_names=names)


@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
@pytest.mark.parametrize("standardize", [True, False])
def test_powers_in_front_of_a_weighted_sum_are_within_1e_12(
    method: str, standardize: bool, training: Labelled, unseen: Floats, names: list[str]
) -> None:
    X, y = training
    positive = np.exp if method == "box-cox" else np.asarray
    model = make_pipeline(PowerTransformer(method, standardize=standardize), _logistic())
    model.fit(positive(X.clip(-20, 3)), y)
    rows = positive(unseen[:2000].clip(-20, 3))

    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

    assert np.max(np.abs(scores(packed, rows) - answers(model, rows))) <= 1e-12


def test_a_standardized_power_shows_where_its_columns_lie(training: Labelled, names: list[str]) -> None:
    X, y = training
    model = make_pipeline(PowerTransformer(), _logistic()).fit(X, y)

    reference = PackedModel.from_bytes(pack(model, feature_names=names).model).reference

    np.testing.assert_allclose(reference[:7], np.median(X[:, :7], axis=0), atol=0.2)
    assert 5.0 < reference[7] < 60.0  # amounts: the median is 20


@pytest.mark.parametrize(
    ("transformer", "why"),
    [
        (FunctionTransformer(np.sqrt), "of sqrt"),
        (FunctionTransformer(lambda rows: rows + 1), "of <lambda>"),
        (FunctionTransformer(np.log1p, kw_args={"dtype": np.float32}), "with kw_args"),
    ],
)
def test_any_other_function_is_refused(
    transformer: FunctionTransformer, why: str, training: Labelled, names: list[str]
) -> None:
    X, y = training
    model = make_pipeline(transformer, _logistic()).fit(np.abs(X), y)

    with pytest.raises(UnsupportedModelError, match=why):
        pack(model, feature_names=names)


def test_no_function_changes_nothing(training: Labelled, names: list[str]) -> None:
    model = make_pipeline(FunctionTransformer(), _logistic()).fit(*training)

    header, _ = container.decode(pack(model, feature_names=names).model)

    assert header["program"]["of"]["op"] == "linear"


WAYS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "places": ([("a", StandardScaler(), [3, 0]), ("b", MinMaxScaler(), [7])], {}),
    "twice": ([("a", StandardScaler(), [0, 1]), ("b", "passthrough", [0])], {"remainder": "passthrough"}),
    "mask": ([("a", StandardScaler(), [True] * 3 + [False] * 5)], {"remainder": MinMaxScaler()}),
    "slice": ([("a", "drop", slice(2, 5)), ("b", StandardScaler(), slice(5, None))], {"remainder": "passthrough"}),
    "weights": (
        [("a", StandardScaler(), [1]), ("b", "passthrough", [2])],
        {"transformer_weights": {"a": 3.0, "b": 0.5}},
    ),
    "empty": ([("a", StandardScaler(), []), ("b", StandardScaler(), [1, 2])], {}),
    "callable": ([("a", StandardScaler(), lambda rows: [4, 5])], {"remainder": "drop"}),
    "nested": (
        [("a", make_pipeline(ColumnTransformer([("i", StandardScaler(), [1])], remainder="passthrough")), [6, 7])],
        {"remainder": StandardScaler()},
    ),
}


@pytest.mark.parametrize("final", [_logistic(), RandomForestClassifier(5, random_state=0)])
@pytest.mark.parametrize("way", WAYS)
def test_columns_go_their_own_ways(way: str, final: Any, training: Labelled, unseen: Floats, names: list[str]) -> None:
    transformers, options = WAYS[way]
    model = make_pipeline(ColumnTransformer(transformers, **options), final).fit(*training)
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)
    rows = unseen[:500]

    assert np.max(np.abs(scores(packed, rows) - answers(model, rows))) <= packed.parity_tolerance
    for row in rows[:20].tolist():
        explained = packed.explain(row)
        assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-9


def test_contributions_go_back_to_the_columns_they_came_from(training: Labelled, names: list[str]) -> None:
    ways = ColumnTransformer([("a", StandardScaler(), [3, 0]), ("b", "passthrough", [3])])
    model = make_pipeline(ways, _logistic()).fit(*training)
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)
    scale, weight = model[0].named_transformers_["a"].scale_, model[1].coef_[0]

    explained = packed.explain([1.0] * 8, [0.0] * 8)

    expected = [weight[1] / scale[1], 0.0, 0.0, weight[0] / scale[0] + weight[2], 0.0, 0.0, 0.0, 0.0]
    assert explained.contributions == pytest.approx(expected)


NAMED: list[Any] = [["V4", "V1"], slice("V2", "V5"), "callable"]


@pytest.mark.parametrize("chosen", NAMED, ids=str)
def test_columns_chosen_by_name_are_found_by_place(
    chosen: Any, training: Labelled, names: list[str], tmp_path: Path
) -> None:
    frames = pytest.importorskip("pandas", reason="needs uv sync --group oracles")
    X, y = training
    columns = make_column_selector("V[14]") if chosen == "callable" else chosen
    ways = ColumnTransformer([("a", StandardScaler(), columns)], remainder="passthrough")
    model = make_pipeline(ways, _logistic()).fit(frames.DataFrame(X, columns=names), y)
    joblib.dump(model, tmp_path / "model.joblib")

    packed = pack(load(tmp_path / "model.joblib").artefact)
    asked = frames.DataFrame(X[:200], columns=names)

    assert packed.features == tuple(names)
    assert pack(model).model == packed.model
    found = scores(PackedModel.from_bytes(packed.model), X[:200])
    assert np.max(np.abs(found - model.predict_proba(asked)[:, 1])) <= 1e-12


def test_without_the_library_of_frames_names_are_found_by_place_too(training: Labelled, names: list[str]) -> None:
    ways = ColumnTransformer([("a", StandardScaler(), [3, 0])], remainder="passthrough")
    model = make_pipeline(ways, _logistic()).fit(*training)
    expected = pack(model, feature_names=names)
    told = [("a", ways.transformers_[0][1], ["V4", "V1"]), *ways.transformers_[1:]]  # as fitting on a frame leaves it
    ways.transformers_ = told

    packed = pack(model, feature_names=names)

    assert packed.model == expected.model
    np.testing.assert_array_equal(packed.golden_answers, expected.golden_answers)
    assert ways.transformers_ is told


def test_a_column_transformer_in_front_shows_the_public_cards_order(wide: Labelled) -> None:
    model = make_pipeline(ColumnTransformer([("a", StandardScaler(), [0, 29])], remainder="passthrough"), _logistic())

    packed = pack(model.fit(*wide))

    assert packed.features[0] == "Time"
    assert packed.features[-1] == "Amount"


def test_a_column_transformer_that_keeps_nothing_is_refused(training: Labelled, names: list[str]) -> None:
    model = make_pipeline(ColumnTransformer([("a", StandardScaler(), [0])]), _logistic()).fit(*training)
    model[0].transformers_ = [("a", "drop", [0])]

    with pytest.raises(UnsupportedModelError, match="drops every column"):
        pack(model, feature_names=names)


def test_a_column_transformer_of_sparse_output_is_refused(training: Labelled, names: list[str]) -> None:
    model = make_pipeline(ColumnTransformer([("a", StandardScaler(), [0])]), _logistic()).fit(*training)
    model[0].sparse_output_ = True

    with pytest.raises(UnsupportedModelError, match="sparse output"):
        pack(model, feature_names=names)


@pytest.mark.parametrize(
    "transformer", [PowerTransformer(), SimpleImputer(), ColumnTransformer([("a", StandardScaler(), [0])])]
)
def test_an_unfitted_transformer_is_refused(transformer: Any, training: Labelled, names: list[str]) -> None:
    model = Pipeline([("first", transformer), ("model", _logistic().fit(*training))])

    with pytest.raises(InvalidArtefactError, match="not fitted"):
        pack(model, feature_names=names)
