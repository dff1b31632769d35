"""LightGBM's boosted trees: their own answers, and their packed form."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fraud.errors import UnsupportedModelError
from fraud.packing.axes import Floats
from fraud.packing.bench import Bench, Packed
from fraud.packing.choices import Sets, store_choice_trees
from fraud.packing.composites import after
from fraud.packing.forest import TreeArrays, store_trees
from fraud.packing.lightgbm_tree import LightGBMTree
from fraud.packing.node_order import LEAF, parents_first, renumbered
from fraud.scoring.packed.ops import Truncate
from fraud.scoring.packed.program import Affine, Scorer, Sigmoid

ZERO = float(np.float32(1e-35))


class LightGBM:
    """A binary model of LightGBM, read from its own text.

    `predict_proba` computes what the library computes for complete rows, in its order of operations.
    """

    classes_ = (0, 1)

    def __init__(
        self,
        trees: Sequence[LightGBMTree],
        width: int,
        names: Sequence[str] | None,
        sigmoid: float,
        *,
        averaged: bool,
    ) -> None:
        self.trees, self.sigmoid, self.averaged = trees, sigmoid, averaged
        self.n_features_in_, self.feature_names_in_ = width, names

    def predict_proba(self, rows: Floats) -> Floats:
        """The probabilities of class 0 and 1 (n, 2)."""
        margin = np.zeros(len(rows))
        for tree in self.trees:
            margin += tree.value[_leaves(tree, rows)]
        if self.averaged:
            margin /= len(self.trees)
        with np.errstate(over="ignore"):
            fraud = 1.0 / (1.0 + np.exp(-self.sigmoid * margin))
        return np.column_stack([1.0 - fraud, fraud])


def pack_lightgbm(model: LightGBM, bench: Bench) -> Packed:
    """`Σ leaf` over float64 rows, categories without their fraction; then the sigmoid with its own slope."""
    bench.check_width(model)
    orders = [parents_first(tree.left.tolist(), tree.right.tolist()) for tree in model.trees]
    nodes = [_nodes(tree, order) for tree, order in zip(model.trees, orders, strict=True)]
    sets = [[tree.sets[node] for node in order] for tree, order in zip(model.trees, orders, strict=True)]
    divisor = len(nodes) if model.averaged else 1
    columns = _categorical_columns(nodes, sets)
    margin: Scorer
    if columns:
        trees = store_choice_trees(bench, nodes, sets, divisor=divisor)
        margin = after((Truncate(bench.store(columns, "i4")),), trees)
    else:
        margin = store_trees(bench, nodes, single=False, divisor=divisor)
    return Packed(margin, Sigmoid(margin if model.sigmoid == 1.0 else Affine(margin, model.sigmoid, 0.0)))


def _nodes(tree: LightGBMTree, order: NDArray[np.int64]) -> TreeArrays:
    leaf = tree.left[order] == LEAF
    value = tree.value[order]
    return {
        "feature": tree.feature[order],
        "value": np.where(leaf, value, _beside_zero(value)),
        "left": renumbered(tree.left, order),
        "right": renumbered(tree.right, order),
        "missing_left": tree.missing_left[order],
        "cover": tree.cover[order],
    }


def _beside_zero(threshold: Floats) -> Floats:
    """LightGBM takes numbers of at most 1e-35 for 0: thresholds among them move to where that leaves no difference."""
    below = (threshold >= -ZERO) & (threshold < 0.0)
    above = (threshold >= 0.0) & (threshold < ZERO)
    return np.where(below, np.nextafter(-ZERO, -np.inf), np.where(above, ZERO, threshold))


def _categorical_columns(nodes: Sequence[TreeArrays], sets: Sequence[Sets]) -> list[int]:
    split: dict[bool, set[int]] = {True: set(), False: set()}
    for tree, asked in zip(nodes, sets, strict=True):
        for feature, values in zip(tree["feature"].tolist(), asked, strict=True):
            split[values is not None].add(feature)
    if split[True] & split[False]:
        raise UnsupportedModelError("a LightGBM column that is split by category and by threshold cannot be packed")
    return sorted(split[True])


def _leaves(tree: LightGBMTree, rows: Floats) -> NDArray[np.int64]:
    """The leaf of each row, by LightGBM's own rules."""
    node = np.zeros(len(rows), dtype=np.int64)
    while (on_way := np.flatnonzero(tree.left[node] != LEAF)).size:
        here = node[on_way]
        x = rows[on_way, tree.feature[here]]
        low = np.where(np.abs(x) <= ZERO, 0.0, x) <= tree.value[here]
        for split in np.unique(here):
            asked = tree.sets[split]
            if asked is not None:
                low[here == split] = np.isin(np.trunc(x[here == split]), list(asked))
        node[on_way] = np.where(low, tree.left[here], tree.right[here])
    return node
