"""XGBoost's boosted trees: their own answers, and their packed form."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.packing.axes import Floats
from fraud.packing.bench import Bench, Packed
from fraud.packing.forest import TreeArrays, store_trees
from fraud.packing.node_order import LEAF, parents_first, renumbered
from fraud.scoring.packed.ops import SingleTrees
from fraud.scoring.packed.program import SingleSigmoid


class XGBoostTree(NamedTuple):
    """One tree by node: `value` is what a split compares with and what a leaf (`left` is LEAF) answers, in float32."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    value: NDArray[np.float32]
    cover: Floats


class XGBoost:
    """A binary `gbtree` of XGBoost, read from its own file; `base` is its float32 log-odds before any tree.

    `predict_proba` computes in float32, as the library does.
    """

    classes_ = (0, 1)

    def __init__(self, trees: Sequence[XGBoostTree], width: int, names: Sequence[str] | None, base: float) -> None:
        self.trees, self.base = trees, base
        self.n_features_in_, self.feature_names_in_ = width, names

    def predict_proba(self, rows: Floats) -> Floats:
        """The probabilities of class 0 and 1 (n, 2)."""
        with np.errstate(over="ignore"):
            single = rows.astype(np.float32)
            margin = np.full(len(rows), self.base, dtype=np.float32)
            for tree in self.trees:
                margin += tree.value[_leaves(tree, single)]
            fraud = (np.float32(1.0) / (np.float32(1.0) + np.exp(-margin))).astype(np.float64)
        return np.column_stack([1.0 - fraud, fraud])


def pack_xgboost(model: XGBoost, bench: Bench) -> Packed:
    """`base + Σ leaf` in float32 over float32 rows; `x < t` is `x <= the float32 before t`."""
    bench.check_width(model)
    nodes = [_nodes(tree) for tree in model.trees]
    margin = SingleTrees(store_trees(bench, nodes, single=True).nodes, model.base)
    return Packed(margin, SingleSigmoid(margin))


def _nodes(tree: XGBoostTree) -> TreeArrays:
    order = parents_first(tree.left.tolist(), tree.right.tolist())  # pruned nodes stay behind in the file
    leaf, value = tree.left[order] == LEAF, tree.value[order]
    below = np.nextafter(value, np.float32(-np.inf))
    return {
        "feature": np.where(leaf, LEAF, tree.feature[order]),
        "value": np.where(leaf, value, below).astype(np.float64),
        "left": renumbered(tree.left, order),
        "right": renumbered(tree.right, order),
        "missing_left": np.zeros(len(order), dtype=np.int64),
        "cover": tree.cover[order],
    }


def _leaves(tree: XGBoostTree, rows: NDArray[np.float32]) -> NDArray[np.int64]:
    node = np.zeros(len(rows), dtype=np.int64)
    while (on_way := np.flatnonzero(tree.left[node] != LEAF)).size:
        here = node[on_way]
        low = rows[on_way, tree.feature[here]] < tree.value[here]
        node[on_way] = np.where(low, tree.left[here], tree.right[here])
    return node
