from array import array
from math import inf
from typing import Any

import pytest

from fraud.errors import InvalidPackedModelError, InvalidRequestError
from fraud.scoring.packed import container
from tests.unit.scoring.packed.programs import boosted, forest, model, node_arrays, packed

LINEAR: dict[str, Any] = {"op": "sigmoid", "of": {"op": "linear", "weights": "w", "intercept": -1.0}}
WEIGHTS = {"w": array("d", [1.0, 2.0])}
TREE = (0, 0.0, 0.25, 0.75)


def test_a_model_tells_its_columns_family_and_reference() -> None:
    loaded = model(packed(LINEAR, WEIGHTS, [3.0, 4.0], features=["Amount", "V1"], family="LogisticRegression"))

    assert loaded.features == ("Amount", "V1")
    assert loaded.family == "LogisticRegression"
    assert (loaded.n_features, loaded.node_count) == (2, 0)
    assert (loaded.reference, loaded.reference_source) == ((3.0, 4.0), "test")


def test_many_rows_are_answered_as_each_alone() -> None:
    loaded = model(forest([TREE, TREE], 1))

    assert loaded.score_many([[0.0], [1.0], [-3.0]]) == [0.25, 0.75, 0.25]


def test_averaged_trees_promise_equality_and_everything_else_a_tolerance() -> None:
    assert model(forest([TREE, TREE], 1)).parity_tolerance == 0.0
    assert model(boosted([TREE], 1)).parity_tolerance == 1e-12
    assert model(packed(LINEAR, WEIGHTS, [0.0, 0.0])).parity_tolerance == 1e-12


@pytest.mark.parametrize("row", [[], [1.0], [1.0, 2.0, 3.0]])
def test_a_row_of_another_length_is_a_mistake_of_the_caller(row: list[float]) -> None:
    loaded = model(packed(LINEAR, WEIGHTS, [0.0, 0.0]))

    with pytest.raises(ValueError, match="reads 2"):
        loaded.score(row)
    with pytest.raises(ValueError, match="reads 2"):
        loaded.explain(row)


def test_numbers_too_large_to_score_are_refused_not_guessed() -> None:
    loaded = model(packed(LINEAR, WEIGHTS, [0.0, 0.0]))

    with pytest.raises(InvalidRequestError, match="too large"):
        loaded.score([-1.7e308, 1.7e308])
    with pytest.raises(InvalidRequestError, match="too large"):
        loaded.explain([1.7e308, 1.7e308])


def test_numbers_too_large_to_explain_are_refused_inside_a_mean_too() -> None:
    program = {"op": "mean", "weights": "m", "members": [LINEAR, LINEAR]}
    loaded = model(packed(program, {**WEIGHTS, "m": array("d", [1.0, 1.0])}, [0.0, 0.0]))

    assert loaded.score([1.7e308, 1.7e308]) == 1.0
    with pytest.raises(InvalidRequestError, match="too large"):
        loaded.explain([1.7e308, 1.7e308])


def test_extreme_margins_saturate_without_an_error() -> None:
    loaded = model(packed(LINEAR, WEIGHTS, [0.0, 0.0]))

    assert loaded.score([1e6, 0.0]) == 1.0
    assert loaded.score([-1e6, 0.0]) == 0.0


def _with_header(**changes: Any) -> bytes:
    return packed(**{"program": LINEAR, "arrays": WEIGHTS, "reference": [0.0, 0.0], **changes})


def _nested(depth: int) -> dict[str, Any]:
    program = LINEAR["of"]
    for _ in range(depth):
        program = {"op": "affine", "of": program, "scale": 1.0, "offset": 0.0}
    return {"op": "sigmoid", "of": program}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (container.encode({"kind": "fraud_model"}, {}), "not that of a packed model"),
        (_with_header(kind="packed_drop"), "packed_drop"),
        (_with_header(more=1), "not that of a packed model"),
        (_with_header(features=[]), "number 1 to"),
        (_with_header(features=["a", "A"]), "must differ"),
        (_with_header(features=["a", "b\n"]), "printable"),
        (_with_header(features=["a", "b" * 129]), "printable"),
        (_with_header(features=["a", "b", "c"]), "'reference'"),
        (_with_header(program={"op": "eval", "code": "1"}), "not that of a packed model"),
        (_with_header(program={**LINEAR, "extra": 1}), "not that of a packed model"),
        (_with_header(program={"op": "sigmoid"}), "not that of a packed model"),
        (_with_header(program={"op": "sigmoid", "of": {"op": "linear", "weights": "w"}}), "not that of a packed model"),
        (_with_header(program=LINEAR["of"]), "does not answer with a probability"),
        (_with_header(program=_nested(20)), "nests deeper"),
        (_with_header(program=_nested(400)), "nests deeper|not that of a packed model"),
        (packed(LINEAR, {**WEIGHTS, "extra": b"x"}, [0.0, 0.0]), "unknown arrays: extra"),
        (packed(LINEAR, {"w": array("d", [1.0])}, [0.0, 0.0]), "no array 'w'"),
        (packed(LINEAR, {"w": array("i", [1, 2])}, [0.0, 0.0]), "no array 'w'"),
        (packed(LINEAR, {}, [0.0, 0.0]), "no array 'w'"),
        (packed(LINEAR, {"w": array("d", [1.0, inf])}, [0.0, 0.0]), "NaN or infinity"),
        (packed(LINEAR, WEIGHTS, [0.0, inf]), "NaN or infinity"),
        (packed(LINEAR, WEIGHTS, [1.7e308, 1.7e308]), "reference row"),
    ],
)
def test_a_program_that_is_not_exactly_known_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(InvalidPackedModelError, match=why):
        model(data)


@pytest.mark.parametrize("divisor", [0, -1])
def test_a_divisor_that_is_not_positive_is_refused(divisor: int) -> None:
    program = {"op": "sigmoid", "of": {"op": "trees", "nodes": "t", "single": True, "divisor": divisor}}

    with pytest.raises(InvalidPackedModelError, match="divisor"):
        model(packed(program, node_arrays([TREE]), [0.0]))
