from math import inf, nan
from typing import Any

import pytest

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.nodes import MAX_DEPTH
from tests.unit.scoring.packed.programs import boosted, columns, forest, model

TREES = [(0, 0.5, (1, 1.0, 0.1, 0.2), 0.3), (1, -1.0, 0.4, 0.5)]


def test_trees_are_read_in_order_and_answer_by_their_leaves() -> None:
    loaded = model(forest(TREES, 2))

    assert loaded.node_count == 8
    assert loaded.score([0.0, 0.0]) == (0.1 + 0.5) / 2
    assert loaded.score([0.5, 1.0]) == (0.1 + 0.5) / 2
    assert loaded.score([0.6, -1.0]) == (0.3 + 0.4) / 2


def test_a_single_leaf_is_a_tree() -> None:
    assert model(forest([0.25], 1)).score([1.0]) == 0.25


def _broken(column: str, index: int, number: Any) -> dict[str, list[Any]]:
    changed = columns(TREES)[column]
    changed[index] = number
    return {column: changed}


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (_broken("left", 0, 0), "cycle"),
        (_broken("left", 1, 0), "cycle"),
        (_broken("right", 1, 1), "cycle"),
        (_broken("left", 0, -1), "cycle"),
        (_broken("left", 0, -(2**31)), "cycle"),
        (_broken("left", 0, 99), "out of bounds"),
        (_broken("left", 0, 2**31 - 1), "out of bounds"),
        (_broken("right", 0, 1), "exactly once"),
        (_broken("left", 0, 7), "exactly once"),
        (_broken("root", 1, 4), "exactly once"),
        (_broken("root", 0, -1), "exactly once"),
        (_broken("left", 2, 3), "leaf has children"),
        (_broken("feature", 0, 2), "column outside"),
        (_broken("feature", 0, -2), "column outside"),
        (_broken("value", 0, nan), "NaN or infinity"),
        (_broken("value", 0, inf), "NaN or infinity"),
        (_broken("value", 2, nan), "NaN or infinity"),
        (_broken("value", 2, -inf), "NaN or infinity"),
        (_broken("value", 2, 1.1e6), "beyond"),
        (_broken("value", 2, -1.1e6), "beyond"),
        (_broken("value", 2, 1.5), "does not answer with a probability"),
        (_broken("value", 2, -0.5), "does not answer with a probability"),
        (_broken("cover", 0, -1.0), "covers"),
        (_broken("cover", 0, nan), "NaN or infinity"),
        (_broken("missing_left", 0, 2), "missing_left"),
        ({"root": []}, "0 trees"),
        ({"right": [1, 2]}, "no array 't.right'"),
    ],
)
def test_trees_that_cannot_be_walked_safely_are_refused(broken: dict[str, list[Any]], why: str) -> None:
    with pytest.raises(InvalidPackedModelError, match=why):
        model(forest(TREES, 2, broken=broken))


def _comb(depth: int) -> Any:
    tree: Any = 0.0
    for level in range(depth):
        tree = (0, -float(level), tree, 1.0)
    return tree


def test_a_tree_of_the_greatest_depth_is_walked_and_explained() -> None:
    deep = model(boosted([_comb(MAX_DEPTH)], 1))

    assert deep.score([5.0]) > 0.7
    assert deep.explain([-1000.0], [5.0]).contributions == (-1.0,)


def test_a_deeper_tree_is_refused() -> None:
    with pytest.raises(InvalidPackedModelError, match="deeper"):
        model(boosted([_comb(MAX_DEPTH + 1)], 1))
