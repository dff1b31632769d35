"""Attributions against their definition: Shapley values over all coalitions, by brute force."""

import random
from array import array
from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb, fsum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.scoring.packed.attribution import split_by_sign
from fraud.scoring.packed.scorer import Split
from tests.unit.scoring.packed.programs import boosted, forest, node_arrays, packed, random_tree, walked

Row = Sequence[float]
WIDTH = 6
LINEAR = {"op": "linear", "weights": "w", "intercept": 0.3}
rows = st.lists(st.floats(-3, 3, width=32), min_size=WIDTH, max_size=WIDTH)


def shapley(value: Callable[[Row], float], row: Row, reference: Row) -> list[float]:
    """The Shapley values of the game: columns of a coalition from `row`, the others from `reference`."""
    width = len(row)

    def worth(coalition: frozenset[int]) -> float:
        return value([row[i] if i in coalition else reference[i] for i in range(width)])

    def gain(player: int) -> float:
        others = [i for i in range(width) if i != player]
        return fsum(
            (worth(frozenset(chosen) | {player}) - worth(frozenset(chosen))) / (width * comb(width - 1, size))
            for size in range(width)
            for chosen in combinations(others, size)
        )

    return [gain(player) for player in range(width)]


def _trees(seed: int, count: int = 3) -> list[Any]:
    source = random.Random(seed)
    return [random_tree(source, WIDTH, 5) for _ in range(count)]


@settings(deadline=None)
@given(rows, rows, st.integers(0, 50))
def test_a_forest_is_explained_by_its_exact_shapley_values(row: Row, reference: Row, seed: int) -> None:
    loaded = walked(forest(_trees(seed), WIDTH))

    explained = loaded.explain(row, reference)

    assert (explained.method, explained.unit) == ("single_reference_shapley", "probability")
    assert explained.contributions == pytest.approx(shapley(loaded.score, row, reference), abs=1e-12)
    assert (explained.base, explained.margin) == (loaded.score(reference), loaded.score(row))


@settings(deadline=None)
@given(rows, rows, st.integers(0, 50))
def test_a_float32_forest_is_explained_by_the_rows_it_sees(row: Row, reference: Row, seed: int) -> None:
    loaded = walked(forest(_trees(seed), WIDTH, single=True))

    explained = loaded.explain(row, reference)

    assert explained.contributions == pytest.approx(shapley(loaded.score, row, reference), abs=1e-12)


@settings(deadline=None)
@given(rows, rows, st.integers(0, 50))
def test_boosted_trees_are_explained_in_log_odds(row: Row, reference: Row, seed: int) -> None:
    trees = _trees(seed)
    summed = walked(forest(trees, WIDTH))
    loaded = walked(boosted(trees, WIDTH, base=-2.0))

    explained = loaded.explain(row, reference)

    exact = [3 * share for share in shapley(summed.score, row, reference)]
    assert (explained.method, explained.unit) == ("single_reference_shapley", "log_odds")
    assert explained.contributions == pytest.approx(exact, abs=1e-11)
    assert explained.base == pytest.approx(3 * summed.score(reference) - 2.0)


@settings(deadline=None)
@given(rows, rows)
def test_a_scaled_linear_model_is_explained_in_log_odds_of_the_raw_columns(row: Row, reference: Row) -> None:
    weights, shift, scale = [1.0, -2.0, 0.5, 0.0, 3.0, -0.1], [0.1] * WIDTH, [2.0] * WIDTH
    scaler = {"op": "shift_scale", "shift": "m", "scale": "s"}
    program = {"op": "sigmoid", "of": {"op": "pipeline", "transforms": [scaler], "of": LINEAR}}
    arrays = {"w": array("d", weights), "m": array("d", shift), "s": array("d", scale)}

    explained = walked(packed(program, arrays, reference)).explain(row)

    exact = [w * (x - z) / 2.0 for w, x, z in zip(weights, row, reference, strict=True)]
    assert (explained.method, explained.unit) == ("linear_shap", "log_odds")
    assert explained.contributions == pytest.approx(exact, abs=1e-12)


def _ensemble(seed: int, reference: Row) -> bytes:
    summed = {"op": "trees", "nodes": "b", "single": False, "base": -1.0}
    steps = {"op": "steps", "of": summed, "at": "x", "value": "y"}
    averaged = {"op": "trees", "nodes": "t", "single": True, "divisor": 3}
    members = [averaged, {"op": "sigmoid", "of": LINEAR}, {"op": "sigmoid", "of": summed}, steps]
    arrays = {
        **node_arrays(_trees(seed)),
        **node_arrays(_trees(seed + 1), "b"),
        "w": array("d", [1.0, -2.0, 0.5, 0.0, 3.0, -0.1]),
        "x": array("d", [-0.5, 0.0, 0.001, 1.0]),
        "y": array("d", [0.0, 0.1, 0.7, 0.9]),
        "m": array("d", [0.4, 0.3, 0.2, 0.1]),
    }
    return packed({"op": "mean", "members": members, "weights": "m"}, arrays, reference)


@settings(deadline=None)
@given(rows, rows, st.integers(0, 20))
def test_contributions_of_a_mixed_ensemble_add_up_exactly(row: Row, reference: Row, seed: int) -> None:
    loaded = walked(_ensemble(seed, reference))

    explained = loaded.explain(row)

    assert (explained.method, explained.unit) == ("single_reference_shapley_rescaled", "probability")
    assert explained.margin == loaded.score(row)
    assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-12


@settings(deadline=None)
@given(rows, st.integers(0, 20))
def test_a_row_equal_to_its_reference_has_no_reasons(row: Row, seed: int) -> None:
    explained = walked(_ensemble(seed, row)).explain(row)

    assert set(explained.contributions) == {0.0}
    assert explained.base == explained.margin


def test_a_column_no_split_reads_contributes_nothing() -> None:
    explained = walked(forest([(0, 0.0, 0.2, 0.8)], 3)).explain([1.0, 99.0, -99.0])

    assert explained.contributions == pytest.approx((0.6, 0.0, 0.0))


def test_a_sigmoid_inside_a_mean_scales_its_log_odds_by_the_mean_slope() -> None:
    members = [{"op": "sigmoid", "of": {"op": "linear", "weights": "w", "intercept": 0.0}}] * 2
    arrays = {"w": array("d", [2.0, -1.0]), "m": array("d", [1.0, 1.0])}
    loaded = walked(packed({"op": "mean", "members": members, "weights": "m"}, arrays, [0.0, 0.0]))

    explained = loaded.explain([1.0, 1.0])

    slope = (loaded.score([1.0, 1.0]) - 0.5) / 1.0
    assert explained.contributions == pytest.approx((2.0 * slope, -1.0 * slope))


def test_another_reference_gives_another_base() -> None:
    loaded = walked(forest([(0, 0.0, 0.2, 0.8)], 1))

    assert (loaded.explain([1.0]).base, loaded.explain([1.0], [1.0]).base, loaded.explain([1.0]).base) == (
        0.2,
        0.8,
        0.2,
    )


shares_lists = st.lists(st.floats(-5, 5), min_size=1, max_size=6)


@settings(deadline=None)
@given(shares_lists, st.floats(-3, 3))
def test_shares_carried_through_steps_add_up_and_never_exceed_the_range(shares: list[float], base: float) -> None:
    def curve(score: float) -> float:
        return min(max(score * 50.0, 0.0), 1.0)  # all but a jump

    margin = base + fsum(shares)
    carried = split_by_sign(curve, Split(base, margin, shares)).shares

    if any(shares):
        assert fsum(carried) == pytest.approx(curve(margin) - curve(base), abs=1e-12)
    assert fsum(map(abs, carried)) <= 2.0 + 1e-9
    assert all(c * s >= -1e-12 for c, s in zip(carried, shares, strict=True))
