from array import array
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.errors import InvalidPackedModelError
from tests.unit.scoring.packed.programs import node_arrays, packed, walked
from tests.unit.scoring.packed.test_attribution import shapley

# nodes in the order of the arrays: 0 asks column 1 for {3, 7}, 1 column 0 for a threshold, 4 column 1 for {3}
TREE = (1, 0.0, (0, 0.5, 0.1, 0.2), (1, 0.0, 0.4, 0.9))
CHOICE = [0, -1, -1, -1, 1, -1, -1]


def _arrays(**changes: Sequence[float]) -> dict[str, Any]:
    sets: dict[str, Sequence[float]] = {"choice": CHOICE, "set_start": [0, 2, 3], "set_value": [3.0, 7.0, 3.0]}
    chosen = {**sets, **changes}
    codes = {"choice": "i", "set_start": "i", "set_value": "d"}
    return {**node_arrays([TREE]), **{f"t.{name}": array(code, chosen[name]) for name, code in codes.items()}}


def _loaded(**changes: Sequence[float]) -> Any:
    program = {"op": "choice_trees", "nodes": "t"}
    return walked(packed(program, _arrays(**changes), [0.0, 0.0]))


@pytest.mark.parametrize(
    ("row", "answer"),
    [([0.0, 3.0], 0.1), ([1.0, 7.0], 0.2), ([0.0, 7.5], 0.9), ([0.0, -3.0], 0.9), ([0.0, 0.0], 0.9)],
)
def test_a_value_in_the_set_goes_low_and_every_other_high(row: list[float], answer: float) -> None:
    loaded = _loaded()

    assert loaded.score(row) == answer
    assert loaded.node_count == 7
    assert loaded.parity_tolerance == 0.0


def test_minus_zero_is_zero() -> None:
    loaded = _loaded(set_value=[0.0, 7.0, 3.0])

    assert loaded.score([0.0, -0.0]) == loaded.score([0.0, 0.0]) == 0.1


values = st.sampled_from([3.0, 7.0, 5.0, -1.0])
columns = st.tuples(st.floats(-2, 2), values)


@settings(deadline=None, max_examples=40)
@given(columns, columns)
def test_choices_are_explained_by_their_exact_shapley_values(
    row: tuple[float, float], reference: tuple[float, float]
) -> None:
    loaded = _loaded()

    explained = loaded.explain(row, reference)

    assert explained.method == "single_reference_shapley"
    assert explained.contributions == pytest.approx(shapley(loaded.score, row, reference), abs=1e-12)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"choice": CHOICE[:-1]}, "6 choices for 7 nodes"),
        ({"choice": [*CHOICE[:-1], 0]}, "a set of values there is not"),
        ({"choice": [2, *CHOICE[1:]]}, "a set of values there is not"),
        ({"choice": [-2, *CHOICE[1:]]}, "a set of values there is not"),
        ({"set_start": [0, 2]}, "do not follow one another"),
        ({"set_start": [1, 2, 3]}, "do not follow one another"),
        ({"set_start": [0, 3, 2, 3]}, "do not follow one another"),
        ({"set_start": [0, -1, 3]}, "do not follow one another"),
        ({"set_start": []}, "do not follow one another"),
        ({"set_value": [3.0, float("nan"), 3.0]}, "NaN or infinity"),
    ],
)
def test_sets_that_cannot_be_asked_for_are_refused(changes: dict[str, list[float]], why: str) -> None:
    with pytest.raises(InvalidPackedModelError, match=why):
        _loaded(**changes)
