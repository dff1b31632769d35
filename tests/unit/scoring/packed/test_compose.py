from array import array
from math import exp
from typing import Any

import pytest

from fraud.errors import InvalidPackedModelError
from tests.unit.scoring.packed.programs import model, node_arrays, packed

TREE: dict[str, Any] = {"op": "trees", "nodes": "t", "single": False}
NODES = node_arrays([(0, 1.0, 0.2, 0.8)])


def test_scalers_work_column_by_column_in_order() -> None:
    transforms = [
        {"op": "shift_scale", "shift": "mean", "scale": "deviation"},
        {"op": "scale_shift", "scale": "factor", "shift": "offset", "clip": [-1.0, 1.0]},
    ]
    linear = {"op": "linear", "weights": "w", "intercept": 0.5}
    program = {"op": "sigmoid", "of": {"op": "pipeline", "transforms": transforms, "of": linear}}
    arrays = {
        "mean": array("d", [1.0, 2.0]),
        "deviation": array("d", [2.0, 4.0]),
        "factor": array("d", [0.5, 3.0]),
        "offset": array("d", [0.25, 0.0]),
        "w": array("d", [1.0, 10.0]),
    }
    margin = ((5.0 - 1.0) / 2.0 * 0.5 + 0.25 - 0.25) + 10.0 * 1.0 + 0.5

    score = model(packed(program, arrays, [0.0, 0.0])).score([5.0 - 1.0, 100.0])

    assert score == pytest.approx(1 / (1 + exp(-margin)), rel=1e-15)


def test_a_selection_reorders_columns_and_gives_contributions_back() -> None:
    chosen = {"op": "select", "columns": "c"}
    linear = {"op": "linear", "weights": "w", "intercept": 0.0}
    program = {"op": "sigmoid", "of": {"op": "pipeline", "transforms": [chosen], "of": linear}}
    arrays = {"c": array("i", [2, 0, 2]), "w": array("d", [1.0, 10.0, 100.0])}
    loaded = model(packed(program, arrays, [0.0, 0.0, 0.0]))

    explained = loaded.explain([1.0, 5.0, 2.0])

    assert explained.margin == 212.0
    assert explained.contributions == (10.0, 0.0, 202.0)


@pytest.mark.parametrize("column", [-1, 1])
def test_a_selection_outside_the_row_is_refused(column: int) -> None:
    program = {"op": "pipeline", "transforms": [{"op": "select", "columns": "c"}], "of": TREE}

    with pytest.raises(InvalidPackedModelError, match="outside"):
        model(packed(program, {**NODES, "c": array("i", [column])}, [0.0]))


@pytest.mark.parametrize(
    ("transform", "why"),
    [
        ({"op": "shift_scale", "scale": "zero"}, "scaled by zero"),
        ({"op": "shift_scale", "shift": "two"}, "no array 'two'"),
        ({"op": "scale_shift", "scale": "zero", "shift": "zero", "clip": [1.0, 0.0]}, "empty"),
    ],
)
def test_an_unusable_transform_is_refused(transform: dict[str, Any], why: str) -> None:
    program = {"op": "pipeline", "transforms": [transform], "of": TREE}
    arrays = {**NODES, "zero": array("d", [0.0]), "two": array("d", [0.0, 1.0])}

    with pytest.raises(InvalidPackedModelError, match=why):
        model(packed(program, arrays, [0.0]))


def test_a_mean_weighs_its_members() -> None:
    members = [TREE, {**TREE, "nodes": "u"}]
    program = {"op": "mean", "members": members, "weights": "w"}
    arrays = {**NODES, **node_arrays([0.5], "u"), "w": array("d", [3.0, 1.0])}

    assert model(packed(program, arrays, [0.0])).score([2.0]) == (3.0 * 0.8 + 1.0 * 0.5) / 4.0


@pytest.mark.parametrize("weights", [[0.0, 0.0], [2.0, -1.0]])
def test_weights_that_do_not_weigh_are_refused(weights: list[float]) -> None:
    program = {"op": "mean", "members": [TREE, TREE], "weights": "w"}

    with pytest.raises(InvalidPackedModelError, match="weights"):
        model(packed(program, {**NODES, "w": array("d", weights)}, [0.0]))


def test_too_many_members_are_refused() -> None:
    program = {"op": "mean", "members": [TREE] * 300, "weights": "w"}

    with pytest.raises(InvalidPackedModelError, match="too large"):
        model(packed(program, {**NODES, "w": array("d", [1.0] * 300)}, [0.0]))


def test_calibration_steps_interpolate_and_stay_flat_outside() -> None:
    program = {"op": "steps", "of": {"op": "linear", "weights": "one", "intercept": 0.0}, "at": "x", "value": "y"}
    arrays = {"one": array("d", [1.0]), "x": array("d", [0.0, 1.0, 3.0]), "y": array("d", [0.1, 0.1, 0.9])}
    loaded = model(packed(program, arrays, [0.0]))

    assert [loaded.score([x]) for x in (-5.0, 0.0, 0.5, 1.0, 3.0, 99.0)] == [0.1, 0.1, 0.1, 0.1, 0.9, 0.9]
    assert loaded.score([2.0]) == pytest.approx(0.5)


@pytest.mark.parametrize("at", [[0.0, 0.0], [1.0, 0.0]])
def test_calibration_points_that_do_not_increase_are_refused(at: list[float]) -> None:
    program = {"op": "steps", "of": TREE, "at": "x", "value": "y"}

    with pytest.raises(InvalidPackedModelError, match="increase"):
        model(packed(program, {**NODES, "x": array("d", at), "y": array("d", [0.0, 1.0])}, [0.0]))
