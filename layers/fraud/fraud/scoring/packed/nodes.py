"""The flat arrays of a set of trees: checked, then turned into nested tuples."""

from collections.abc import Sequence
from operator import lt
from typing import TypeAlias

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.arrays import Arrays

MAX_NODES = 2_000_000
MAX_TREES = 20_000
MAX_DEPTH = 512
MAX_LEAF = 1e6
LEAF = -1

Node: TypeAlias = "float | tuple[int, float, Node, Node]"


class NodeTable:
    """Trees read from the arrays `<name>.root feature value left right missing_left cover`.

    A node is a leaf (feature, left and right are -1, `value` is what it answers) or a split (`value` is the
    threshold; both children come later in the arrays). `cover` is the training weight that reached the node and
    `missing_left` where a missing value goes: the walker needs neither, an explanation by background data will.
    Attributes: `roots` nested tuples, `count` nodes, `low` and `high` the smallest and largest leaf.
    Raises InvalidPackedModelError for anything but finite trees whose every node is reached exactly once.
    """

    def __init__(self, arrays: Arrays, name: str, width: int) -> None:
        self.value = arrays.floats(f"{name}.value")
        self.count = len(self.value)
        self.feature = arrays.integers(f"{name}.feature", "h", self.count)
        self.left = arrays.integers(f"{name}.left", "i", self.count)
        self.right = arrays.integers(f"{name}.right", "i", self.count)
        starts = arrays.integers(f"{name}.root", "i")
        _check_size(self.count, len(starts))
        _check_side_arrays(arrays, name, self.count)
        self.splits = [index for index, feature in enumerate(self.feature) if feature != LEAF]
        self.lefts = [self.left[index] for index in self.splits]
        self.rights = [self.right[index] for index in self.splits]
        self._check_leaves()
        self._check_splits(starts, width)
        self._check_depth()
        nodes = self._nested()
        self.roots = tuple(nodes[start] for start in starts)

    def _check_leaves(self) -> None:
        leaves = [index for index, feature in enumerate(self.feature) if feature == LEAF]
        answers = [self.value[index] for index in leaves] or [0.0]
        self.low, self.high = min(answers), max(answers)
        if max(-self.low, self.high) > MAX_LEAF:
            raise InvalidPackedModelError(f"a leaf lies beyond {MAX_LEAF:g}")
        children = {self.left[index] for index in leaves} | {self.right[index] for index in leaves}
        if children - {LEAF}:
            raise InvalidPackedModelError("a leaf has children")

    def _check_splits(self, starts: list[int], width: int) -> None:
        features = [self.feature[index] for index in self.splits] or [0]
        if min(features) < 0 or max(features) >= width:
            raise InvalidPackedModelError(f"a split reads a column outside the {width} there are")
        if not (all(map(lt, self.splits, self.lefts)) and all(map(lt, self.splits, self.rights))):
            raise InvalidPackedModelError("a node comes before its parent: the trees hold a cycle")
        if sorted([*starts, *self.lefts, *self.rights]) != list(range(self.count)):
            raise InvalidPackedModelError("a node is out of bounds, or is not reached exactly once")

    def _check_depth(self) -> None:
        depth = [0] * self.count
        for index, left, right in zip(self.splits, self.lefts, self.rights, strict=True):
            depth[left] = depth[right] = depth[index] + 1
        if max(depth) > MAX_DEPTH:
            raise InvalidPackedModelError(f"a tree is deeper than {MAX_DEPTH}")

    def _nested(self) -> Sequence[Node]:
        """Children first, so that each split is made once and holds its finished children."""
        nodes: list[Node] = list(self.value)
        feature, tests, left, right = self.feature, self._tests(), self.left, self.right
        for index in reversed(self.splits):
            nodes[index] = (feature[index], tests[index], nodes[left[index]], nodes[right[index]])
        return nodes

    def _tests(self) -> Sequence[float]:
        """What each split compares with; of leaves, anything."""
        return self.value


def _check_size(nodes: int, trees: int) -> None:
    if not (1 <= trees <= MAX_TREES and trees <= nodes <= MAX_NODES):
        raise InvalidPackedModelError(
            f"{trees} trees with {nodes} nodes: the limits are {MAX_TREES} trees and {MAX_NODES} nodes"
        )


def _check_side_arrays(arrays: Arrays, name: str, count: int) -> None:
    cover = arrays.floats(f"{name}.cover", count)
    missing = arrays.integers(f"{name}.missing_left", "B", count)
    if min(cover) < 0.0 or max(missing) > 1:
        raise InvalidPackedModelError("covers must not be negative and missing_left must be 0 or 1")
