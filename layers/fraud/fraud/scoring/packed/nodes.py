"""The flat arrays of a set of trees: checked, and turned into nested tuples for whoever walks them."""

from array import array
from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.arrays import Arrays

MAX_NODES = 2_000_000
MAX_TREES = 20_000
MAX_DEPTH = 512
MAX_LEAF = 1e6
MAX_COVER = 1e300
LEAF = -1

Split: TypeAlias = tuple[int, int, int]  # a node and its children
Node: TypeAlias = "float | tuple[int, float, Node, Node]"


class NodeTable:
    """Trees read from the arrays `<name>.root feature value left right missing_left cover`.

    A node is a leaf (feature, left and right are -1, `value` is what it answers) or a split (`value` is the
    threshold; both children come later in the arrays). `cover` is the training weight that reached the node, which
    explanations by training data need; a table may lack it. `missing_left` is where a missing value goes; rows here are
    complete.
    Attributes: the columns as arrays, `roots` nested tuples, `count` nodes, `depth` splits on the longest path, `low`
    and `high` the smallest and largest leaf, `covered` whether training weight reached a child of every split.
    Raises InvalidPackedModelError for anything but finite trees whose every node is reached exactly once: the kernel
    reads these arrays without looking.
    """

    choice: "array[int] | None" = None
    sets: Sequence[frozenset[float]] = ()

    def __init__(self, arrays: Arrays, name: str, width: int) -> None:
        self.width = width
        self.value = array("d", arrays.floats(f"{name}.value"))
        self.count = len(self.value)
        self.feature = array("h", arrays.integers(f"{name}.feature", "h", self.count))
        self.left = array("i", arrays.integers(f"{name}.left", "i", self.count))
        self.right = array("i", arrays.integers(f"{name}.right", "i", self.count))
        self.root = array("i", arrays.integers(f"{name}.root", "i"))
        _check_size(self.count, len(self.root))
        self.cover = _read_cover(arrays, name, self.count)
        self._check_leaves()
        splits = self._check_splits()
        self.depth = self._check_depth(splits)
        self.covered = self.cover is not None and all(
            self.cover[left] + self.cover[right] > 0.0 for _, left, right in splits
        )
        self._check_tests()

    def _check_leaves(self) -> None:
        leaves = [index for index, feature in enumerate(self.feature) if feature == LEAF]
        answers = [self.value[index] for index in leaves] or [0.0]
        self.low, self.high = min(answers), max(answers)
        if max(-self.low, self.high) > MAX_LEAF:
            raise InvalidPackedModelError(f"a leaf lies beyond {MAX_LEAF:g}")
        children = {self.left[index] for index in leaves} | {self.right[index] for index in leaves}
        if children - {LEAF}:
            raise InvalidPackedModelError("a leaf has children")

    def _check_splits(self) -> list[Split]:
        splits = [
            (index, left, right)
            for index, (feature, left, right) in enumerate(zip(self.feature, self.left, self.right, strict=True))
            if feature != LEAF
        ]
        if min(self.feature) < LEAF or max(self.feature) >= self.width:
            raise InvalidPackedModelError(f"a split reads a column outside the {self.width} there are")
        if not all(left > index < right for index, left, right in splits):
            raise InvalidPackedModelError("a node comes before its parent: the trees hold a cycle")
        reached = [*self.root, *(child for _, *children in splits for child in children)]
        if sorted(reached) != list(range(self.count)):
            raise InvalidPackedModelError("a node is out of bounds, or is not reached exactly once")
        return splits

    def _check_depth(self, splits: list[Split]) -> int:
        depth = [0] * self.count
        for index, left, right in splits:
            depth[left] = depth[right] = depth[index] + 1
        if max(depth) > MAX_DEPTH:
            raise InvalidPackedModelError(f"a tree is deeper than {MAX_DEPTH}")
        return max(depth)

    def _check_tests(self) -> None:
        """Whatever else splits ask for."""

    @cached_property
    def roots(self) -> tuple[Node, ...]:
        """The trees as nested tuples; children are made first, so that each split holds its finished children."""
        nodes: list[Node] = [*self.value]
        feature, tests, left, right = self.feature.tolist(), self._tests(), self.left.tolist(), self.right.tolist()
        for index in reversed(range(self.count)):
            if feature[index] != LEAF:
                nodes[index] = (feature[index], tests[index], nodes[left[index]], nodes[right[index]])
        return tuple(nodes[start] for start in self.root)

    def _tests(self) -> Sequence[float]:
        """What each split compares with; of leaves, anything."""
        return self.value.tolist()


def _check_size(nodes: int, trees: int) -> None:
    if not (1 <= trees <= MAX_TREES and trees <= nodes <= MAX_NODES):
        raise InvalidPackedModelError(
            f"{trees} trees with {nodes} nodes: the limits are {MAX_TREES} trees and {MAX_NODES} nodes"
        )


def _read_cover(arrays: Arrays, name: str, count: int) -> "array[float] | None":
    if max(arrays.integers(f"{name}.missing_left", "B", count)) > 1:
        raise InvalidPackedModelError("missing_left must be 0 or 1")
    if not arrays.has(f"{name}.cover"):
        return None
    cover = arrays.floats(f"{name}.cover", count)
    if not 0.0 <= min(cover) <= max(cover) <= MAX_COVER:
        raise InvalidPackedModelError(f"covers must lie between 0 and {MAX_COVER:g}")
    return array("d", cover)
