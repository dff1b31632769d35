from array import array
from math import log
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.stack import by_those_that_push, in_proportion
from tests.unit.scoring.packed.programs import node_arrays, packed, walked
from tests.unit.scoring.packed.test_attribution import shapley

FOREST = {"op": "trees", "nodes": "t", "single": False}
LINEAR = {"op": "linear", "weights": "w", "intercept": 0.3}
ARRAYS = {
    **node_arrays([(0, 0.0, (1, 1.0, 0.1, 0.4), 0.8)]),
    **node_arrays([(0, 0.3, (1, 0.2, 0.1, 0.6), 0.9)], "f"),
    "w": array("d", [2.0, -1.0]),
    "f1": array("d", [3.0, -0.5]),
    "f2": array("d", [3.0, -0.5, 0.25, 0.0]),
}
FINAL = {"op": "linear", "weights": "f1", "intercept": -1.0}
rows = st.lists(st.floats(-3, 3, width=32), min_size=2, max_size=2)


def _stack(final: dict[str, Any], *, passthrough: bool = False, members: Any = (FOREST, LINEAR)) -> dict[str, Any]:
    return {"op": "stack", "members": list(members), "passthrough": passthrough, "of": final}


def _loaded(program: dict[str, Any]) -> Any:
    text = repr(program)
    used = {name: value for name, value in ARRAYS.items() if repr(name.partition(".")[0]) in text}
    return walked(packed(program, used, [0.5, 0.5]))


def test_the_final_scorer_reads_the_members_answers_in_order() -> None:
    loaded = _loaded({"op": "sigmoid", "of": _stack(FINAL)})

    assert loaded.explain([1.0, 2.0]).margin == pytest.approx(3.0 * 0.8 - 0.5 * (2.0 - 2.0 + 0.3) - 1.0)
    assert loaded.node_count == 5


def test_the_row_follows_the_answers_when_it_is_passed_through() -> None:
    final = {"op": "linear", "weights": "f2", "intercept": -1.0}
    loaded = _loaded({"op": "sigmoid", "of": _stack(final, passthrough=True)})

    assert loaded.explain([1.0, 2.0]).margin == pytest.approx(3.0 * 0.8 - 0.5 * 0.3 + 0.25 * 1.0 - 1.0)


@settings(deadline=None, max_examples=40)
@given(rows, rows)
def test_a_weighted_sum_of_answers_is_explained_by_its_exact_shapley_values(
    row: list[float], reference: list[float]
) -> None:
    loaded = _loaded({"op": "sigmoid", "of": _stack(FINAL)})

    explained = loaded.explain(row, reference)

    def log_odds(values: Any) -> float:
        return float(loaded.explain(values).margin)

    assert (explained.method, explained.unit) == ("single_reference_shapley", "log_odds")
    assert explained.contributions == pytest.approx(shapley(log_odds, row, reference), abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(rows, rows)
def test_a_final_scorer_with_jumps_never_blows_a_contribution_up(row: list[float], reference: list[float]) -> None:
    loaded = _loaded(_stack({"op": "trees", "nodes": "f", "single": False}))

    explained = loaded.explain(row, reference)

    assert explained.method == "single_reference_shapley_rescaled"
    assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-12
    assert sum(map(abs, explained.contributions)) <= 2.0


def test_shares_are_split_as_the_parts_of_a_change_are() -> None:
    assert in_proportion([0.5, -0.25], 0.25, 1.0) == [2.0, -1.0]
    assert in_proportion([0.5, -0.5], 0.0, 0.0) == [0.0, 0.0]


def test_shares_are_split_between_those_that_push() -> None:
    assert by_those_that_push([0.5, -0.499, 0.5], 0.501, 1.0) == [0.5, 0.0, 0.5]
    assert by_those_that_push([0.5, -0.75], -0.25, 1.0) == [0.0, 1.0]
    assert by_those_that_push([0.0, 0.0], 0.1, 1.0) == [0.0, 0.0]


def test_a_scaled_sum_is_still_straight() -> None:
    scaled = {"op": "pipeline", "transforms": [{"op": "shift_scale", "scale": "w2"}], "of": FINAL}
    program = {"op": "sigmoid", "of": _stack({"op": "affine", "of": scaled, "scale": 2.0, "offset": 0.0})}
    arrays = {**ARRAYS, "w2": array("d", [0.5, 2.0])}
    used = {name: value for name, value in arrays.items() if repr(name.partition(".")[0]) in repr(program)}
    loaded = walked(packed(program, used, [0.5, 0.5]))

    assert loaded.explain([1.0, 2.0]).method == "single_reference_shapley"


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (_stack(FINAL), "does not answer with a probability"),
        (_stack(FOREST, members=()), "no members"),
        (_stack({"op": "linear", "weights": "f2", "intercept": 0.0}), "no array 'f2'"),
        (_stack(FINAL, members=[FOREST] * 300), "too large|no array"),
    ],
)
def test_a_stack_that_does_not_fit_together_is_refused(program: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidPackedModelError, match=why):
        _loaded(program)


def test_a_stack_may_answer_with_a_probability_of_log_odds() -> None:
    members = [{"op": "sigmoid", "of": LINEAR}, FOREST]
    loaded = _loaded({"op": "sigmoid", "of": _stack(FINAL, members=members)})

    explained = loaded.explain([0.0, 0.3 - log(1.0)], [1.0, 1.0])

    assert explained.method == "single_reference_shapley_rescaled"
    assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-12
