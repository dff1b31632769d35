"""Explanations by training data against their definition by brute force, and against the `shap` package."""

import random
from math import comb, fsum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.family_models import CATEGORY, NAMES, draw
from fraud.packing import pack
from fraud.packing.loader import load
from fraud.scoring.packed.model import PackedModel
from fraud.scoring.packed.quadrature import gauss_legendre
from tests.unit.scoring.packed.programs import Tree, columns, model, node_arrays, packed, random_tree

WIDTH = 5
rows = st.lists(st.floats(-2, 2), min_size=WIDTH, max_size=WIDTH)


def weighted(tree: Tree, source: random.Random) -> dict[str, list[Any]]:
    """The node columns of a tree, and covers that add up but are otherwise drawn."""
    found = columns([tree])
    found["cover"][0] = 100.0
    for node, left in enumerate(found["left"]):
        if left != -1:
            part = source.choice((0.0, 0.001, source.random()))
            found["cover"][left] = part * found["cover"][node]
            found["cover"][found["right"][node]] = (1.0 - part) * found["cover"][node]
    return found


def worth(found: dict[str, list[Any]], row: list[float], known: frozenset[int], node: int = 0) -> float:
    """What a coalition of columns is worth: a split on another column goes both ways, by training weight."""
    feature, left, right = (found[name][node] for name in ("feature", "left", "right"))
    if feature == -1:
        return float(found["value"][node])
    if feature in known:
        return worth(found, row, known, left if row[feature] <= found["value"][node] else right)
    low, high = found["cover"][left], found["cover"][right]
    if low + high == 0.0:  # nobody comes here
        return 0.0
    parts = ((low / (low + high), left), (high / (low + high), right))
    return fsum(part * worth(found, row, known, child) for part, child in parts)


def by_definition(found: dict[str, list[Any]], row: list[float]) -> list[float]:
    """Shapley values over all coalitions."""
    values = {
        mask: worth(found, row, frozenset(i for i in range(WIDTH) if mask >> i & 1)) for mask in range(1 << WIDTH)
    }
    return [
        fsum(
            (value - values[mask ^ (1 << player)]) / (WIDTH * comb(WIDTH - 1, mask.bit_count() - 1))
            for mask, value in values.items()
            if mask >> player & 1
        )
        for player in range(WIDTH)
    ]


@settings(deadline=None, max_examples=60)
@given(rows, st.integers(0, 500))
def test_a_tree_is_explained_by_the_definition_of_its_shapley_values(row: list[float], seed: int) -> None:
    # GIVEN a tree in which columns come again and some branches saw no training row
    source = random.Random(seed)
    found = weighted(random_tree(source, WIDTH, 6), source)
    if not all(
        found["cover"][left] + found["cover"][right]
        for left, right in zip(found["left"], found["right"], strict=True)
        if left != -1
    ):
        return
    arrays = node_arrays([0.0], broken=found)
    program = {"op": "sigmoid", "of": {"op": "trees", "nodes": "t", "single": False, "base": 0.5}}

    # WHEN
    told = model(packed(program, arrays, [0.0] * WIDTH)).explain(row)

    # THEN
    assert told.method == "tree_path_dependent_shap"
    assert told.contributions == pytest.approx(by_definition(found, row), abs=1e-12)
    assert told.base == pytest.approx(0.5 + worth(found, row, frozenset()), abs=1e-12)


@pytest.mark.parametrize("points", [1, 2, 3, 4, 8, 12, 20, 64])
def test_quadrature_is_exact_for_every_power_it_promises(points: int) -> None:
    places, weights = gauss_legendre(points)

    for power in range(2 * points):
        integral = fsum(weight * place**power for place, weight in zip(places, weights, strict=True))
        assert integral == pytest.approx(1.0 / (power + 1), rel=1e-13)


TREES: dict[str, Any] = {
    "forest": RandomForestClassifier(25, random_state=0),
    "forest_weighted": RandomForestClassifier(
        10, random_state=0, class_weight="balanced_subsample", min_samples_leaf=3
    ),
    "extra_trees": ExtraTreesClassifier(10, random_state=0, max_depth=8),
    "boosting": GradientBoostingClassifier(n_estimators=40, min_samples_leaf=10, random_state=0),
    "hist": HistGradientBoostingClassifier(max_iter=30, random_state=0),
}


@pytest.fixture(scope="module")
def shap() -> Any:
    return pytest.importorskip("shap", reason="shap is installed on Python 3.12 and 3.13 (`make`)")


@pytest.mark.parametrize("name", TREES)
@pytest.mark.filterwarnings("ignore")
def test_trees_are_explained_as_shap_explains_them(name: str, shap: Any) -> None:
    # GIVEN
    X, y = draw(0, 900)
    fitted = TREES[name].fit(X, y)
    ours = PackedModel.from_bytes(pack(fitted, feature_names=NAMES).model)

    # WHEN
    told = ours.explain_many(X[:60].tolist())
    explainer = shap.TreeExplainer(fitted, feature_perturbation="tree_path_dependent")
    theirs = np.asarray(explainer.shap_values(X[:60], check_additivity=False))

    # THEN
    theirs = theirs[..., 1] if theirs.ndim == 3 else theirs
    assert {one.method for one in told} == {"tree_path_dependent_shap"}
    assert np.abs(theirs - [one.contributions for one in told]).max() <= 1e-9
    assert abs(np.ravel(explainer.expected_value)[-1] - told[0].base) <= 1e-9


@pytest.mark.filterwarnings("ignore")
def test_weighted_sums_are_explained_as_shap_explains_them(shap: Any) -> None:
    # GIVEN a scaled logistic regression, and the reference row as background
    X, y = draw(0, 900)
    scaler, logistic = StandardScaler(), LogisticRegression(max_iter=1000)
    ours = PackedModel.from_bytes(pack(make_pipeline(scaler, logistic).fit(X, y), feature_names=NAMES).model)

    # WHEN
    told = ours.explain_many(X[:40].tolist())
    background = scaler.transform(np.array([ours.reference]))
    theirs = shap.LinearExplainer(logistic, background).shap_values(scaler.transform(X[:40]))

    # THEN
    assert {one.method for one in told} == {"linear_shap"}
    assert np.abs(theirs - [one.contributions for one in told]).max() <= 1e-9


def _lightgbm(X: Any, y: Any, file: Path) -> Any:
    library = pytest.importorskip("lightgbm", reason="lightgbm is not installed: uv sync --group oracles")
    data = library.Dataset(X, y, categorical_feature=[CATEGORY])
    booster = library.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 30)
    booster.save_model(file)
    return booster.predict(X, pred_contrib=True)


def _xgboost(X: Any, y: Any, file: Path) -> Any:
    library = pytest.importorskip("xgboost", reason="xgboost is not installed: uv sync --group oracles")
    fitted = library.XGBClassifier(n_estimators=30, max_depth=4, n_jobs=1).fit(X, y)
    fitted.save_model(file)
    return fitted.get_booster().predict(library.DMatrix(X), pred_contribs=True)


@pytest.mark.parametrize(("fit", "name", "within"), [(_lightgbm, "model.txt", 1e-9), (_xgboost, "model.ubj", 3e-6)])
def test_boosting_libraries_contributions_are_ours(fit: Any, name: str, within: float, tmp_path: Path) -> None:
    # GIVEN a model that its own library fits and explains (XGBoost in float32; the last column is the base)
    X, y = draw(0, 900)
    theirs = fit(X, y, tmp_path / name)
    ours = PackedModel.from_bytes(pack(load(tmp_path / name).artefact, feature_names=NAMES).model)

    # WHEN
    told = ours.explain_many(X[:60].tolist())

    # THEN
    assert {one.method for one in told} == {"tree_path_dependent_shap"}
    assert np.abs(theirs[:60] - [(*one.contributions, one.base) for one in told]).max() <= within
