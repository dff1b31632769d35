"""Split points of a packed program, column by column, in units of the raw row."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.packing.axes import CONSTANT, AnyTrees, ArrayMap, Axes, Floats, raw_axes, walk
from fraud.scoring.packed.ops import Bounds, ChoiceTrees
from fraud.scoring.packed.program import Scorer

_ABSURD = 1e30


class Splits(NamedTuple):
    """One entry a split point: column, threshold, and the training weight that went low and high."""

    column: NDArray[np.int64]
    threshold: Floats
    low: Floats
    high: Floats

    def where(self, keep: NDArray[np.bool_]) -> "Splits":
        """The entries marked True."""
        return Splits(self.column[keep], self.threshold[keep], self.low[keep], self.high[keep])


def splits_of(scorer: Scorer, arrays: ArrayMap, width: int) -> Splits:
    """All split points of a program over `width` columns but those no value could pass."""
    found = [
        _tree_splits(trees, arrays, axes)
        for trees, axes in walk(scorer, arrays, raw_axes(width))
        if not isinstance(trees, Bounds)
    ]
    joined = Splits(
        np.concatenate([np.zeros(0, np.int64), *(splits.column for splits in found)]),
        np.concatenate([np.zeros(0), *(splits.threshold for splits in found)]),
        np.concatenate([np.zeros(0), *(splits.low for splits in found)]),
        np.concatenate([np.zeros(0), *(splits.high for splits in found)]),
    )
    return joined.where((np.abs(joined.threshold) < _ABSURD) & (joined.column != CONSTANT))


def _tree_splits(trees: AnyTrees, arrays: ArrayMap, axes: Axes) -> Splits:
    nodes = trees.nodes
    asks_threshold = arrays[f"{nodes}.feature"] >= 0
    if isinstance(trees, ChoiceTrees):
        asks_threshold &= arrays[f"{nodes}.choice"] < 0
    inner = np.flatnonzero(asks_threshold)
    feature = arrays[f"{nodes}.feature"][inner]
    with np.errstate(over="ignore"):  # the largest float stands for "no value passes"
        threshold = arrays[f"{nodes}.value"][inner] * axes.scale[feature] + axes.shift[feature]
    cover = arrays[f"{nodes}.cover"]
    low, high = (cover[arrays[f"{nodes}.{side}"][inner]] for side in ("left", "right"))
    return Splits(axes.columns[feature], threshold, low, high)
