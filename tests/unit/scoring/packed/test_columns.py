from array import array
from typing import Any

import pytest

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.transform_build import MAX_NESTING, MAX_TRANSFORMS, MAX_WIDTH
from tests.unit.scoring.packed.programs import model, packed

PAD = {"op": "pad", "zeros": 1}


def _linear(*transforms: dict[str, Any]) -> dict[str, Any]:
    linear = {"op": "linear", "weights": "w", "intercept": 0.0}
    return {"op": "sigmoid", "of": {"op": "pipeline", "transforms": list(transforms), "of": linear}}


def _branches(*of: list[dict[str, Any]]) -> dict[str, Any]:
    return {"op": "branches", "of": list(of)}


def test_zeros_are_added_and_explain_nothing() -> None:
    loaded = model(packed(_linear({"op": "pad", "zeros": 2}), {"w": array("d", [1.0, 2.0, 50.0, 60.0])}, [0.0, 0.0]))

    explained = loaded.explain([3.0, 4.0])

    assert explained.margin == 11.0
    assert explained.contributions == (3.0, 8.0)


def test_truncated_columns_lose_their_fraction_towards_zero() -> None:
    truncate = {"op": "truncate", "columns": "c"}
    arrays = {"c": array("i", [1]), "w": array("d", [1.0, 10.0])}
    loaded = model(packed(_linear(truncate), arrays, [0.0, 0.0]))

    assert loaded.explain([0.5, 3.9]).margin == 0.5 + 30.0
    assert loaded.explain([0.5, -3.9]).margin == 0.5 - 30.0
    assert loaded.explain([0.5, -0.5]).margin == 0.5


def test_branches_stand_side_by_side_and_give_their_contributions_back() -> None:
    scaled = [{"op": "select", "columns": "a"}, {"op": "shift_scale", "scale": "two"}]
    kept = [{"op": "select", "columns": "b"}]
    arrays = {
        "a": array("i", [2, 0]),
        "b": array("i", [0]),
        "two": array("d", [2.0, 4.0]),
        "w": array("d", [1.0, 10.0, 100.0]),
    }
    loaded = model(packed(_linear(_branches(scaled, kept)), arrays, [0.0, 0.0, 0.0]))

    explained = loaded.explain([4.0, 9.0, 6.0])

    assert explained.margin == 6.0 / 2.0 + 10.0 * 4.0 / 4.0 + 100.0 * 4.0
    assert explained.contributions == (410.0, 0.0, 3.0)


def _nested(depth: int) -> dict[str, Any]:
    spec: dict[str, Any] = PAD
    for _ in range(depth):
        spec = _branches([spec])
    return spec


@pytest.mark.parametrize(
    ("transform", "why"),
    [
        ({"op": "pad", "zeros": 0}, "cannot be added"),
        ({"op": "pad", "zeros": -1}, "cannot be added"),
        ({"op": "pad", "zeros": 10**15}, f"{MAX_WIDTH} columns"),
        ({"op": "truncate", "columns": "outside"}, "outside the 1"),
        ({"op": "truncate", "columns": "none"}, "outside the 1"),
        (_branches(), "holds no transform"),
        (_branches([]), "holds no transform"),
        (_branches([{"op": "select", "columns": "outside"}]), "outside the 1"),
        (_branches([{"op": "eval"}]), "not that of a packed model"),
        (_branches(*[[{"op": "log1p"}]] * MAX_TRANSFORMS), f"{MAX_TRANSFORMS} transforms"),
        (_nested(MAX_NESTING + 1), "nest deeper"),
        (_nested(400), "nest deeper|not that of a packed model"),
    ],
)
def test_columns_that_cannot_be_arranged_are_refused(transform: dict[str, Any], why: str) -> None:
    arrays = {"outside": array("i", [1]), "none": array("i"), "w": array("d", [1.0])}

    with pytest.raises(InvalidPackedModelError, match=why):
        model(packed(_linear(transform), arrays, [0.0]))
