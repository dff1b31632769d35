from array import array
from math import exp
from typing import Any

import pytest

from fraud.errors import InvalidPackedModelError, InvalidRequestError
from fraud.scoring.packed.single import SingleSigmoid
from tests.unit.scoring.packed.programs import node_arrays, packed, walked

LEAVES = [0.1, 0.7, 1e-8, 0.3]


def _single(number: float) -> float:
    return float(array("f", [number])[0])


def _loaded(trees: list[Any], base: float = 0.25) -> Any:
    inner = {"op": "single_trees", "nodes": "t", "base": base}
    return walked(packed({"op": "single_sigmoid", "of": inner}, node_arrays(trees), [0.0]))


def test_every_partial_sum_is_rounded_to_float32() -> None:
    leaves = list(map(_single, LEAVES))
    total = _single(0.25)
    for leaf in leaves:
        total = _single(total + leaf)

    assert total != 0.25 + sum(leaves)
    assert _loaded([*leaves]).explain([0.0]).margin == total


def test_the_row_is_rounded_to_float32_before_it_is_compared() -> None:
    loaded = _loaded([(0, _single(0.1), -1.0, 1.0)], base=0.0)

    assert loaded.score([0.1]) < 0.5  # float64 0.1 lies below float32 0.1, and becomes it
    assert loaded.score([_single(0.1)]) < 0.5
    assert loaded.score([0.1000001]) > 0.5


@pytest.mark.parametrize("margin", [0.0, 1.5, -1.5, 20.0, -20.0, 88.0, -88.0, 1e4, -1e4])
def test_the_sigmoid_is_a_float32_number_close_to_the_exact_one(margin: float) -> None:
    found = SingleSigmoid.link(margin)

    assert found == _single(found)
    assert found == pytest.approx(1 / (1 + exp(-margin)) if margin > -700 else 0.0, abs=1e-7)


def test_the_tolerance_follows_from_the_operation_wherever_it_stands() -> None:
    inner = {"op": "single_trees", "nodes": "t", "base": 0.0}
    arrays = {**node_arrays([0.5]), "m": array("d", [1.0])}
    averaged = {"op": "mean", "members": [{"op": "sigmoid", "of": inner}], "weights": "m"}

    assert _loaded([0.5]).parity_tolerance == 1e-6
    assert walked(packed(averaged, arrays, [0.0])).parity_tolerance == 1e-6


def test_reasons_add_up_to_the_rounded_margin() -> None:
    loaded = _loaded([(0, 0.0, _single(0.1), _single(0.7)), (0, 1.0, _single(-0.3), _single(0.9))])

    explained = loaded.explain([2.0], [-2.0])

    assert (explained.method, explained.unit) == ("single_reference_shapley", "log_odds")
    assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-12


def test_a_sum_beyond_float32_is_refused() -> None:
    with pytest.raises(InvalidPackedModelError, match="reference row"):
        _loaded([0.5], base=1e300)
    with pytest.raises(InvalidRequestError, match="too large"):
        walked(
            packed(
                {"op": "sigmoid", "of": {"op": "linear", "weights": "w", "intercept": 0.0}},
                {"w": array("d", [1e10])},
                [0.0],
            )
        ).score([1.7e308])
