from array import array
from math import exp, expm1, log, log1p
from typing import Any

import pytest

from fraud.errors import InvalidPackedModelError, InvalidRequestError
from fraud.scoring.packed.curves import box_cox, yeo_johnson
from tests.unit.scoring.packed.programs import model, node_arrays, packed

LINEAR: dict[str, Any] = {"op": "linear", "weights": "w", "intercept": 0.0}
WEIGHTS = {"w": array("d", [1.0, 10.0])}
ORDINARY = array("d", [0.5, 2.0])


def _program(*transforms: dict[str, Any]) -> dict[str, Any]:
    return {"op": "sigmoid", "of": {"op": "pipeline", "transforms": list(transforms), "of": LINEAR}}


def test_logarithms_are_taken_of_every_column() -> None:
    loaded = model(packed(_program({"op": "log1p"}), WEIGHTS, [0.0, 0.0]))

    explained = loaded.explain([1.0, 3.0])

    assert explained.margin == pytest.approx(log(2.0) + 10.0 * log(4.0), rel=1e-15)
    assert explained.contributions == pytest.approx((log(2.0), 10.0 * log(4.0)))
    assert explained.method == "linear_shap"


@pytest.mark.parametrize("x", [-1.0, -5.0])
def test_a_row_without_a_logarithm_is_refused_not_scored(x: float) -> None:
    loaded = model(packed(_program({"op": "log1p"}), WEIGHTS, [0.0, 0.0]))

    with pytest.raises(InvalidRequestError, match="defined for"):
        loaded.score([0.0, x])
    with pytest.raises(InvalidRequestError, match="defined for"):
        loaded.explain([x, 0.0])


@pytest.mark.parametrize(
    ("x", "power", "expected"),
    [
        (3.0, 0.5, 2.0 * (4.0**0.5 - 1.0)),
        (3.0, 0.0, log1p(3.0)),
        (-3.0, 0.5, -(4.0**1.5 - 1.0) / 1.5),
        (-3.0, 2.0, -log1p(3.0)),
        (0.0, 1.7, 0.0),
        (2.5, 1.0, 2.5),
    ],
)
def test_yeo_johnson_follows_its_four_cases(x: float, power: float, expected: float) -> None:
    assert yeo_johnson(x, power) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("power", "expected"), [(0.5, 2.0 * (2.0**0.5 - 1.0)), (0.0, log(2.0)), (-1.0, 0.5)])
def test_box_cox_follows_its_two_cases(power: float, expected: float) -> None:
    assert box_cox(2.0, power) == pytest.approx(expected, rel=1e-14)


def test_each_column_has_its_own_power() -> None:
    power = {"op": "power", "method": "box-cox", "lambdas": "l"}
    loaded = model(packed(_program(power), {**WEIGHTS, "l": array("d", [0.0, 1.0])}, [1.0, 1.0]))

    margin = log(5.0) + 10.0 * expm1(log(3.0))
    assert loaded.score([5.0, 3.0]) == pytest.approx(1 / (1 + exp(-margin)), rel=1e-14)


@pytest.mark.parametrize(("method", "row"), [("box-cox", [0.0, 1.0]), ("box-cox", [-1.0, 1.0])])
def test_a_row_no_power_is_defined_for_is_refused(method: str, row: list[float]) -> None:
    power = {"op": "power", "method": method, "lambdas": "l"}
    loaded = model(packed(_program(power), {**WEIGHTS, "l": array("d", [0.5, 0.5])}, [1.0, 1.0]))

    with pytest.raises(InvalidRequestError, match="defined for"):
        loaded.score(row)


def test_a_power_that_overflows_is_refused() -> None:
    power = {"op": "power", "method": "yeo-johnson", "lambdas": "l"}
    loaded = model(packed(_program(power), {**WEIGHTS, "l": array("d", [9.0, 1.0])}, [1.0, 1.0]))

    with pytest.raises(InvalidRequestError, match="defined for"):
        loaded.score([1e300, 0.0])


def test_bounds_let_pass_what_lies_on_them_and_nothing_beyond() -> None:
    bounds = {"op": "bounds", "low": "a", "high": "b"}
    program = {"op": "pipeline", "transforms": [bounds], "of": {"op": "trees", "nodes": "t", "single": False}}
    arrays = {"a": array("d", [-1.0]), "b": array("d", [2.0]), **node_arrays([(0, 0.0, 0.25, 0.75)])}
    loaded = model(packed(program, arrays, [0.0]))

    assert (loaded.score([-1.0]), loaded.score([2.0])) == (0.25, 0.75)
    assert loaded.parity_tolerance == 0.0
    for x in (-1.5, 2.0000000000000004):
        with pytest.raises(InvalidRequestError, match="defined for"):
            loaded.score([x])


def test_a_reference_outside_the_bounds_is_refused() -> None:
    with pytest.raises(InvalidPackedModelError, match="reference row has no finite answer"):
        model(packed(_program({"op": "log1p"}), WEIGHTS, [-2.0, 0.0]))


@pytest.mark.parametrize(
    ("transform", "why"),
    [
        ({"op": "bounds", "low": "high", "high": "low"}, "bounds are empty"),
        ({"op": "bounds", "low": "low", "high": "w3"}, "no array 'w3'"),
        ({"op": "power", "method": "sqrt", "lambdas": "low"}, "not that of a packed model"),
        ({"op": "power", "method": "box-cox", "lambdas": "w3"}, "no array 'w3'"),
        ({"op": "log1p", "base": 10}, "not that of a packed model"),
    ],
)
def test_an_unusable_curve_is_refused(transform: dict[str, Any], why: str) -> None:
    arrays = {**WEIGHTS, "low": array("d", [0.0, 0.0]), "high": array("d", [1.0, 1.0]), "w3": array("d", [0.0] * 3)}

    with pytest.raises(InvalidPackedModelError, match=why):
        model(packed(_program(transform), arrays, [0.5, 0.5]))
