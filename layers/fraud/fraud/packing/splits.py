"""Split points and scales of a packed program, column by column, in units of the raw row."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.scoring.packed.program import (
    Affine,
    Linear,
    Mean,
    Pipeline,
    ScaleShift,
    Scorer,
    Select,
    ShiftScale,
    Sigmoid,
    Steps,
    Trees,
)

Floats = NDArray[np.float64]
ArrayMap = Mapping[str, NDArray[Any]]
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


class Axes(NamedTuple):
    """How a scorer's input stands to the raw row: column i is `columns[i]`, its x is `x * scale + shift` there."""

    columns: NDArray[np.int64]
    scale: Floats
    shift: Floats

    def through(self, transform: ShiftScale | ScaleShift | Select, arrays: ArrayMap) -> "Axes":
        """The axes of the transform's output."""
        if isinstance(transform, Select):
            chosen = arrays[transform.columns]
            return Axes(self.columns[chosen], self.scale[chosen], self.shift[chosen])
        factor, offset = inverse(transform, arrays, len(self.columns))
        return Axes(self.columns, self.scale * factor, self.scale * offset + self.shift)


def splits_of(scorer: Scorer, arrays: ArrayMap, width: int) -> Splits:
    """All split points of a program over `width` columns but those no value could pass."""
    found = _collect(scorer, arrays, Axes(np.arange(width), np.ones(width), np.zeros(width)))
    joined = Splits(
        np.concatenate([np.zeros(0, np.int64), *(splits.column for splits in found)]),
        np.concatenate([np.zeros(0), *(splits.threshold for splits in found)]),
        np.concatenate([np.zeros(0), *(splits.low for splits in found)]),
        np.concatenate([np.zeros(0), *(splits.high for splits in found)]),
    )
    return joined.where(np.abs(joined.threshold) < _ABSURD)


def inverse(transform: ShiftScale | ScaleShift, arrays: ArrayMap, width: int) -> tuple[Floats, Floats]:
    """Factor and offset that lead back from the transform's output: `x = output * factor + offset`."""
    if isinstance(transform, ScaleShift):
        factor = 1.0 / arrays[transform.scale]
        return factor, -arrays[transform.shift] * factor
    factor = np.ones(width) if transform.scale is None else arrays[transform.scale]
    return factor, np.zeros(width) if transform.shift is None else arrays[transform.shift]


def first_scale(scorer: Scorer, arrays: ArrayMap, width: int) -> tuple[Floats, Floats] | None:
    """Centre and spread of the first scaler on the way in: mean and deviation, or the middle and half the range."""
    if isinstance(scorer, Sigmoid | Affine | Steps):
        return first_scale(scorer.of, arrays, width)
    if isinstance(scorer, Mean):
        found = (first_scale(member, arrays, width) for member in scorer.members)
        return next((scale for scale in found if scale), None)
    if not isinstance(scorer, Pipeline) or isinstance(scorer.transforms[0], Select):
        return None
    factor, offset = inverse(scorer.transforms[0], arrays, width)
    middle, half = (0.5, 0.5) if isinstance(scorer.transforms[0], ScaleShift) else (0.0, 1.0)
    return middle * factor + offset, half * np.abs(factor)


def _collect(scorer: Scorer, arrays: ArrayMap, axes: Axes) -> list[Splits]:
    if isinstance(scorer, Trees):
        return [_tree_splits(scorer.nodes, arrays, axes)]
    if isinstance(scorer, Mean):
        return [splits for member in scorer.members for splits in _collect(member, arrays, axes)]
    if isinstance(scorer, Linear):
        return []
    if isinstance(scorer, Pipeline):
        for transform in scorer.transforms:
            axes = axes.through(transform, arrays)
    return _collect(scorer.of, arrays, axes)


def _tree_splits(nodes: str, arrays: ArrayMap, axes: Axes) -> Splits:
    inner = np.flatnonzero(arrays[f"{nodes}.feature"] >= 0)
    feature = arrays[f"{nodes}.feature"][inner]
    with np.errstate(over="ignore"):  # the largest float stands for "no value passes"
        threshold = arrays[f"{nodes}.value"][inner] * axes.scale[feature] + axes.shift[feature]
    cover = arrays[f"{nodes}.cover"]
    low, high = (cover[arrays[f"{nodes}.{side}"][inner]] for side in ("left", "right"))
    return Splits(axes.columns[feature], threshold, low, high)
