from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from fraud.packing import pack
from fraud.packing.golden import golden_answers
from tests.unit.packing.test_families import thresholds

FAMILIES = ["logistic", "forest", "hist", "scaled_forest", "calibrated_forest"]


@pytest.mark.parametrize("family", FAMILIES)
def test_golden_rows_are_many_finite_and_told_apart_by_the_model(
    family: str, fitted: Mapping[str, Any], names: list[str]
) -> None:
    packed = pack(fitted[family], feature_names=names)

    assert packed.golden_rows.shape[0] >= 200
    assert packed.golden_rows.shape == (len(packed.golden_answers), len(names))
    assert np.isfinite(packed.golden_rows).all()
    assert len(np.unique(packed.golden_answers)) >= 5
    assert (packed.golden_rows == 0.0).all(axis=1).any()


@pytest.mark.parametrize("family", FAMILIES)
def test_golden_answers_are_scikit_learns_own(family: str, fitted: Mapping[str, Any], names: list[str]) -> None:
    packed = pack(fitted[family], feature_names=names)

    expected = golden_answers(fitted[family], packed.golden_rows)

    np.testing.assert_array_equal(packed.golden_answers, expected)
    assert packed.golden_answers.dtype == np.float64


@pytest.mark.parametrize("family", ["forest", "hist"])
def test_golden_rows_lie_on_split_points_and_one_step_beside(
    family: str, fitted: Mapping[str, Any], names: list[str]
) -> None:
    rows = pack(fitted[family], feature_names=names).golden_rows
    points = thresholds(fitted[family])

    for way in (None, np.inf, -np.inf):
        beside = {(column, point if way is None else np.nextafter(point, way)) for column, point in points}
        assert sum(bool((rows[:, column] == value).any()) for column, value in beside) >= 30


def test_a_forest_with_several_threads_is_asked_in_tree_order(fitted: Mapping[str, Any], names: list[str]) -> None:
    forest = fitted["forest"]
    forest.n_jobs = 2
    rows = np.random.default_rng(0).normal(size=(500, len(names)))
    total = np.zeros(500)
    for tree in forest.estimators_:
        total += tree.predict_proba(rows)[:, 1]

    for _ in range(5):
        np.testing.assert_array_equal(golden_answers(forest, rows), total / len(forest.estimators_))
