"""Trees given as lists of children, in an order in which parents come first."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidArtefactError

LEAF = -1


def parents_first(left: Sequence[int], right: Sequence[int]) -> NDArray[np.int64]:
    """The nodes reached from node 0, level by level; a node whose `left` is LEAF has no children.

    InvalidArtefactError for a child that is no node, or that is reached twice.
    """
    order, seen = [0], {0}
    for node in order:
        if left[node] == LEAF:
            continue
        for child in (left[node], right[node]):
            if not 0 <= child < len(left) or child in seen:
                raise InvalidArtefactError(f"a tree's node {child} is out of bounds, or is reached twice")
            seen.add(child)
            order.append(child)
    return np.array(order)


def renumbered(children: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The children of the nodes of `order`, each by its place in it."""
    place = np.full(len(children) + 1, LEAF)
    place[order] = np.arange(len(order))
    return place[children[order]]
