"""Single trees and averaged trees."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from fraud.errors import InvalidArtefactError
from fraud.packing.bench import Bench, Packed
from fraud.scoring.packed.program import Trees

_LARGEST = np.finfo(np.float64).max
TreeArrays = dict[str, NDArray[Any]]


def pack_tree(model: DecisionTreeClassifier | ExtraTreeClassifier, bench: Bench) -> Packed:
    """One tree: the leaf's share of class 1."""
    bench.check_width(model)
    packed = store_trees(bench, [sklearn_nodes(model.tree_, _class_one(model))], single=True)
    return Packed(packed, packed)


def pack_forest(model: Any, bench: Bench) -> Packed:
    """Random forests and extra trees: the mean of the trees' leaves, summed in order, divided by their number."""
    bench.check_width(model)
    nodes = []
    for tree in model.estimators_:
        if type(tree) not in (DecisionTreeClassifier, ExtraTreeClassifier):
            raise bench.unsupported(tree)
        bench.check_width(tree)
        nodes.append(sklearn_nodes(tree.tree_, _class_one(tree)))
    packed = store_trees(bench, nodes, single=True, divisor=len(nodes))
    return Packed(packed, packed)


def sklearn_nodes(tree: Any, answers: NDArray[np.float64]) -> TreeArrays:
    """The node arrays of a `sklearn.tree._tree.Tree` whose leaves answer `answers[node]`."""
    leaf = tree.children_left == -1
    return {
        "feature": np.where(leaf, -1, tree.feature),
        "value": np.where(leaf, answers, finite_thresholds(tree.threshold)),
        "left": tree.children_left,
        "right": tree.children_right,
        "missing_left": np.where(leaf, 0, tree.missing_go_to_left),
        "cover": tree.weighted_n_node_samples,
    }


def finite_thresholds(thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Thresholds with +inf (a split of missing from present) as the largest float: no finite value goes high."""
    return np.minimum(thresholds, _LARGEST)


def store_trees(
    bench: Bench, trees: Sequence[TreeArrays], *, single: bool, base: float = 0.0, divisor: int = 1
) -> Trees:
    """One table of all trees; children are renumbered from tree to table."""
    if not trees:
        raise InvalidArtefactError("the model holds no trees")
    sizes = [len(tree["feature"]) for tree in trees]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def joined(key: str) -> NDArray[Any]:
        return np.concatenate([tree[key] for tree in trees])

    def renumbered(key: str) -> NDArray[Any]:
        moved = [np.where(tree[key] < 0, -1, tree[key] + start) for tree, start in zip(trees, starts, strict=True)]
        return np.concatenate(moved)

    group = bench.store_group(
        root=(starts, "i4"),
        feature=(joined("feature"), "i2"),
        value=(joined("value"), "f8"),
        left=(renumbered("left"), "i4"),
        right=(renumbered("right"), "i4"),
        missing_left=(joined("missing_left"), "u1"),
        cover=(joined("cover"), "f8"),
    )
    return Trees(group, single=single, base=base, divisor=divisor)


def _class_one(model: Any) -> NDArray[np.float64]:
    shape = model.tree_.value.shape
    if shape[1:] != (1, 2) or list(model.classes_) not in ([0, 1], [False, True]):
        raise InvalidArtefactError(f"a tree answers for {shape[1:]} outputs and classes, not for 0 and 1")
    answers: NDArray[np.float64] = model.tree_.value[:, 0, 1]
    return answers
