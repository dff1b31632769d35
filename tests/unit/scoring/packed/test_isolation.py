from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.errors import InvalidPackedModelError
from tests.unit.scoring.packed.programs import node_arrays, packed, walked

TREES = [(0, 0.0, 1.0, (1, 0.5, 2.0, 6.0)), (1, -1.0, 3.0, 5.0)]


def _loaded(trees: list[Any] = TREES, unit: float = 8.0) -> Any:
    program = {"op": "isolation_trees", "nodes": "t", "single": True, "unit": unit}
    return walked(packed(program, node_arrays(trees), [0.0, 0.0]))


def test_short_ways_are_anomalous() -> None:
    loaded = _loaded()

    assert loaded.score([-1.0, -2.0]) == 2.0 ** -((1.0 + 3.0) / 8.0)
    assert loaded.score([1.0, 1.0]) == 2.0 ** -((6.0 + 5.0) / 8.0)
    assert loaded.parity_tolerance == 1e-12


@settings(deadline=None, max_examples=40)
@given(st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
def test_reasons_add_up_in_probability(row: tuple[float, float]) -> None:
    loaded = _loaded()

    explained = loaded.explain(row)

    assert (explained.method, explained.unit) == ("single_reference_shapley_rescaled", "probability")
    assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-12
    assert sum(map(abs, explained.contributions)) <= 2.0


@pytest.mark.parametrize(
    ("trees", "unit"), [([(0, 0.0, -1.0, 2.0)], 8.0), (TREES, 0.0), (TREES, -1.0), (TREES, float("inf"))]
)
def test_lengths_that_are_none_are_refused(trees: list[Any], unit: float) -> None:
    with pytest.raises(InvalidPackedModelError, match=r"path lengths|holds the number|not that of"):
        _loaded(trees, unit)
