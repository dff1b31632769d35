"""Packed answers against scikit-learn's own, on rows it never saw and on the very points where trees split."""

from collections.abc import Mapping
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing import pack
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import WIDTH, Floats, Labelled

EQUAL = ("tree", "forest", "forest_weighted", "extra_trees", "scaled_forest")
CLOSE = (
    "logistic",
    "logistic_balanced",
    "boosting",
    "boosting_exponential",
    "hist",
    "hist_early",
    "scaled_logistic",
    "half_scaled",
    "calibrated_forest",
    "calibrated_logistic",
    "isotonic_hist",
    "isotonic_boosting",
    "isotonic_frozen",
)
SPLIT_FAMILIES = ("tree", "forest", "forest_weighted", "extra_trees", "boosting", "hist", "isotonic_frozen")


def scores(model: PackedModel, rows: Floats) -> Floats:
    """The packed model's answers."""
    return np.array([model.score(row) for row in rows.tolist()])


def answers(model: Any, rows: Floats) -> Floats:
    """scikit-learn's answers, trees asked in order."""
    if hasattr(model, "n_jobs") and isinstance(model, RandomForestClassifier):
        model.n_jobs = None
    found: Floats = model.predict_proba(rows)[:, 1]
    return found


def thresholds(model: Any) -> list[tuple[int, float]]:
    """Column and threshold of every split of a tree ensemble on raw columns."""
    if isinstance(model, CalibratedClassifierCV):
        return thresholds(model.calibrated_classifiers_[0].estimator.estimator)
    if isinstance(model, HistGradientBoostingClassifier):
        nodes = np.concatenate([stage[0].nodes for stage in model._predictors])
        inner = nodes[nodes["is_leaf"] == 0]
        return list(zip(inner["feature_idx"].tolist(), inner["num_threshold"].tolist(), strict=True))
    trees = [tree.tree_ for tree in np.ravel(getattr(model, "estimators_", [model]))]
    return [
        (int(column), float(threshold))
        for tree in trees
        for column, threshold in zip(tree.feature, tree.threshold, strict=True)
        if column >= 0
    ]


def rows_on_splits(model: Any, base: Floats) -> Floats:
    """Rows exactly on split points and one float64 or float32 step beside them."""
    rows = []
    for index, (column, threshold) in enumerate(thresholds(model)[:700]):
        single = np.float32(threshold)
        for value in (
            threshold,
            np.nextafter(threshold, -np.inf),
            np.nextafter(threshold, np.inf),
            float(single),
            float(np.nextafter(single, np.float32(-np.inf))),
            float(np.nextafter(single, np.float32(np.inf))),
        ):
            row = base[index % len(base)].copy()
            row[column] = value
            rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("family", EQUAL)
def test_trees_and_forests_are_bit_equal_to_scikit_learn(
    family: str, fitted: Mapping[str, Any], unseen: Floats, names: list[str]
) -> None:
    packed = PackedModel.from_bytes(pack(fitted[family], feature_names=names).model)

    assert packed.parity_tolerance == 0.0
    np.testing.assert_array_equal(scores(packed, unseen), answers(fitted[family], unseen))


@pytest.mark.parametrize("family", CLOSE)
def test_every_other_family_is_within_1e_12_of_scikit_learn(
    family: str, fitted: Mapping[str, Any], unseen: Floats, names: list[str]
) -> None:
    packed = PackedModel.from_bytes(pack(fitted[family], feature_names=names).model)

    assert packed.parity_tolerance == 1e-12
    assert np.max(np.abs(scores(packed, unseen) - answers(fitted[family], unseen))) <= 1e-12


@pytest.mark.parametrize("family", SPLIT_FAMILIES)
def test_rows_on_split_points_and_one_step_beside_go_the_same_way(
    family: str, fitted: Mapping[str, Any], unseen: Floats, names: list[str]
) -> None:
    packed = PackedModel.from_bytes(pack(fitted[family], feature_names=names).model)
    rows = rows_on_splits(fitted[family], unseen)

    difference = np.max(np.abs(scores(packed, rows) - answers(fitted[family], rows)))

    assert difference <= packed.parity_tolerance


def test_a_model_fitted_on_missing_values_is_packed_for_rows_without_any(training: Labelled, names: list[str]) -> None:
    X, y = training
    gaps = X.copy()
    gaps[np.random.default_rng(0).random(X.shape) < 0.2] = np.nan
    gaps[:, 3] = np.where(y == 1, np.nan, 1.0)  # missing or not is the split: its threshold is infinite
    for model in (HistGradientBoostingClassifier(max_iter=5), RandomForestClassifier(5, random_state=0)):
        model.fit(gaps, y)
        packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

        assert np.max(np.abs(scores(packed, X) - answers(model, X))) <= packed.parity_tolerance


def test_packing_the_same_model_twice_gives_the_same_bytes(fitted: Mapping[str, Any], names: list[str]) -> None:
    first, second = (pack(fitted["forest"], feature_names=names) for _ in range(2))

    assert first.model == second.model
    np.testing.assert_array_equal(first.golden_rows, second.golden_rows)


def test_labels_may_be_booleans_or_floats(training: Labelled, names: list[str]) -> None:
    X, y = training
    for labels in (y.astype(bool), y.astype(float), y.astype(np.int8)):
        model = RandomForestClassifier(3, random_state=0).fit(X, labels)
        packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

        np.testing.assert_array_equal(scores(packed, X[:50]), answers(model, X[:50]))


@pytest.mark.parametrize("labels", [(1, 2), (-1, 1), ("0", "1"), ("fraud", "ok"), (0, 1, 2)])
def test_other_classes_than_0_and_1_are_refused(labels: tuple[Any, ...], training: Labelled, names: list[str]) -> None:
    model = LogisticRegression().fit(training[0][:300], np.array([labels[index % len(labels)] for index in range(300)]))

    with pytest.raises(InvalidArtefactError, match="0 and 1 are needed"):
        pack(model, feature_names=names)


def test_a_classifier_that_saw_one_class_only_is_refused(training: Labelled, names: list[str]) -> None:
    model = RandomForestClassifier(2).fit(training[0], np.zeros(len(training[0]), dtype=int))

    with pytest.raises(InvalidArtefactError, match="0 and 1 are needed"):
        pack(model, feature_names=names)


def _unsupported(X: Floats, y: Any) -> dict[str, Any]:
    class Tuned(RandomForestClassifier):  # type: ignore[misc]
        """May compute anything."""

    return {
        "RandomForestRegressor": RandomForestRegressor(2).fit(X, y),
        "GaussianNB": GaussianNB().fit(X, y),
        "QuantileTransformer": make_pipeline(QuantileTransformer(n_quantiles=9), LogisticRegression()).fit(X, y),
        "Tuned": Tuned(2).fit(X, y),
        "with an init estimator": GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()).fit(X, y),
        "_TemperatureScaling": CalibratedClassifierCV(LogisticRegression(), method="temperature").fit(X, y),
        "fitted on float32 scores": CalibratedClassifierCV(LogisticRegression(), method="isotonic").fit(
            X.astype(np.float32), y
        ),
        "DummyClassifier": DummyClassifier().fit(X, y),
    }


def test_what_cannot_be_packed_exactly_is_refused_by_name(training: Labelled, names: list[str]) -> None:
    for name, model in _unsupported(*training).items():
        with pytest.raises(UnsupportedModelError, match=name) as refused:
            pack(model, feature_names=names)

        assert "supported: CalibratedClassifierCV, ColumnTransformer" in refused.value.message


def test_a_regressor_is_called_one(training: Labelled) -> None:
    with pytest.raises(UnsupportedModelError, match="RandomForestRegressor is a regressor"):
        pack(RandomForestRegressor(2).fit(*training))


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(),
        LogisticRegression(),
        HistGradientBoostingClassifier(),
        CalibratedClassifierCV(LogisticRegression()),
        Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())]),
    ],
)
def test_an_unfitted_model_is_refused(model: Any, names: list[str]) -> None:
    with pytest.raises(InvalidArtefactError, match="not fitted"):
        pack(model, feature_names=names)


def test_a_pipeline_with_an_unfitted_step_is_refused(training: Labelled, names: list[str]) -> None:
    model = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression().fit(*training))])

    with pytest.raises(InvalidArtefactError, match="not fitted"):
        pack(model, feature_names=names)


@pytest.mark.parametrize("artefact", [None, 3, "model", [LogisticRegression()], LogisticRegression, len])
def test_what_is_no_model_is_refused(artefact: Any) -> None:
    with pytest.raises(UnsupportedModelError, match="cannot be packed"):
        pack(artefact)


@pytest.mark.parametrize("broken", ["estimators_", "n_features_in_", "classes_"])
def test_a_model_with_missing_insides_is_refused(broken: str, training: Labelled, names: list[str]) -> None:
    model = RandomForestClassifier(2, random_state=0).fit(*training)
    delattr(model, broken)

    with pytest.raises(InvalidArtefactError):
        pack(model, feature_names=names)


def test_a_model_whose_numbers_overflow_is_refused(training: Labelled, names: list[str]) -> None:
    model = LogisticRegression(max_iter=500).fit(*training)
    model.coef_[:] = 1e308

    with pytest.raises(InvalidArtefactError, match="too large"):
        pack(model, feature_names=names)


def _shapley(values: Mapping[frozenset[int], float]) -> list[float]:
    columns = range(WIDTH)
    return [
        sum(
            (values[frozenset(chosen) | {player}] - values[frozenset(chosen)]) / (WIDTH * comb(WIDTH - 1, size))
            for size in columns
            for chosen in combinations([column for column in columns if column != player], size)
        )
        for player in columns
    ]


@pytest.mark.parametrize("family", ["forest", "boosting", "hist", "scaled_logistic", "scaled_forest"])
def test_reasons_are_the_shapley_values_of_scikit_learns_own_answers(
    family: str, fitted: Mapping[str, Any], unseen: Floats, names: list[str]
) -> None:
    model = fitted[family]
    answer = getattr(model, "decision_function", lambda rows: model.predict_proba(rows)[:, 1])
    coalitions = [frozenset(chosen) for size in range(WIDTH + 1) for chosen in combinations(range(WIDTH), size)]
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model, "walker")
    for row, reference in zip(unseen[:5], unseen[5:10], strict=True):
        mixed = [[row[i] if i in chosen else reference[i] for i in range(WIDTH)] for chosen in coalitions]
        values = dict(zip(coalitions, answer(np.array(mixed)).tolist(), strict=True))

        explained = packed.explain(row.tolist(), reference.tolist())

        assert explained.method == ("linear_shap" if family == "scaled_logistic" else "single_reference_shapley")
        assert explained.contributions == pytest.approx(_shapley(values), abs=1e-9)
        assert explained.base == pytest.approx(values[frozenset()], abs=1e-9)


@pytest.mark.parametrize("family", [*EQUAL, *CLOSE])
def test_reasons_add_up_for_every_family(
    family: str, fitted: Mapping[str, Any], unseen: Floats, names: list[str]
) -> None:
    packed = PackedModel.from_bytes(pack(fitted[family], feature_names=names).model)
    for row in unseen[:60].tolist():
        explained = packed.explain(row)

        assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-9
        link = 1 / (1 + np.exp(-explained.margin)) if explained.unit == "log_odds" else explained.margin
        assert link == pytest.approx(packed.score(row), abs=1e-12)


@pytest.mark.parametrize(
    ("family", "method", "unit"),
    [
        ("forest", "tree_path_dependent_shap", "probability"),
        ("calibrated_logistic", "linear_shap", "log_odds"),
        ("calibrated_forest", "tree_path_dependent_shap_rescaled", "probability"),
        ("isotonic_frozen", "tree_path_dependent_shap_rescaled", "probability"),
        ("boosting_exponential", "tree_path_dependent_shap", "log_odds"),
    ],
)
def test_the_kind_of_explanation_is_named(
    family: str, method: str, unit: str, fitted: Mapping[str, Any], names: list[str]
) -> None:
    explained = PackedModel.from_bytes(pack(fitted[family], feature_names=names).model).explain([0.0] * WIDTH)

    assert (explained.method, explained.unit) == (method, unit)
