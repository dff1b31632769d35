"""What a program's transforms do to each column, in numpy and scipy: the very operations scikit-learn runs.

The scoring side computes logarithms and powers with the C library, which differs from numpy's vector code in the last
bit of some values. That is within the tolerance of a weighted sum; where a tree compares, it is not: `fold` asks the
chains here which raw values pass a threshold.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import boxcox
from scipy.stats import yeojohnson

from fraud.packing.axes import CONSTANT, ArrayMap, Floats
from fraud.scoring.packed.ops import Bounds, Log1p, Pad, Power, Truncate
from fraud.scoring.packed.program import Branches, ScaleShift, Select, ShiftScale, Transform


class Step(NamedTuple):
    """One operation on one column. `scale`: the centre of what it puts out, and the spread, where it scales."""

    apply: Callable[[Floats], Floats]
    curved: bool = False
    scale: tuple[float, float] | None = None


class Chain(NamedTuple):
    """How an output column comes about: from raw column `source` (or a constant 0) by `steps`."""

    source: int
    steps: tuple[Step, ...] = ()

    @property
    def curved(self) -> bool:
        """Whether the scoring side can only come close."""
        return any(step.curved for step in self.steps)

    def __call__(self, x: Floats) -> Floats:
        """The column's value where the raw column is `x`: NaN where there is none, infinite where it is too large."""
        x = np.zeros_like(x) if self.source == CONSTANT else x
        with np.errstate(all="ignore"):
            for step in self.steps:
                x = step.apply(x)
        return x

    def then(self, step: Step) -> "Chain":
        """The chain with one more step; a constant column passes through it too."""
        return Chain(self.source, (*self.steps, step))


def chains_of(transforms: Sequence[Transform], arrays: ArrayMap, width: int) -> list[Chain]:
    """The chain of each column the transforms put out."""
    return through(transforms, arrays, [Chain(column) for column in range(width)])


def through(transforms: Sequence[Transform], arrays: ArrayMap, chains: list[Chain]) -> list[Chain]:
    """The chains, each led on through the transforms."""
    for transform in transforms:
        chains = _through(transform, arrays, chains)
    return chains


def width_after(transforms: Sequence[Transform], arrays: ArrayMap, width: int) -> int:
    """How many columns the transforms put out."""
    return len(chains_of(transforms, arrays, width))


def is_curved(transform: Transform) -> bool:
    """Whether the transform computes something the scoring side can only come close to."""
    if isinstance(transform, Branches):
        return any(is_curved(inner) for branch in transform.of for inner in branch)
    return isinstance(transform, Log1p | Power)


def _through(transform: Transform, arrays: ArrayMap, chains: list[Chain]) -> list[Chain]:
    if isinstance(transform, Select):
        return [chains[column] for column in arrays[transform.columns].tolist()]
    if isinstance(transform, Pad):
        return [*chains, *[Chain(CONSTANT)] * transform.zeros]
    if isinstance(transform, Branches):
        return [chain for branch in transform.of for chain in through(branch, arrays, chains)]
    return [chain.then(step) for chain, step in zip(chains, _steps(transform, arrays, len(chains)), strict=True)]


def _steps(
    transform: ShiftScale | ScaleShift | Log1p | Power | Bounds | Truncate, arrays: ArrayMap, width: int
) -> Iterator[Step]:
    if isinstance(transform, Log1p):
        return iter([Step(_log1p, curved=True)] * width)
    if isinstance(transform, Power):
        curve = _yeo_johnson if transform.method == "yeo-johnson" else _box_cox
        return (Step(partial(curve, power=power), curved=True) for power in arrays[transform.lambdas])
    if isinstance(transform, ShiftScale):
        shift = np.zeros(width) if transform.shift is None else arrays[transform.shift]
        scale = np.ones(width) if transform.scale is None else arrays[transform.scale]
        return (
            Step(partial(_shift_scale, shift=a, scale=b), scale=(0.0, 1.0)) for a, b in zip(shift, scale, strict=True)
        )
    if isinstance(transform, ScaleShift):
        pairs = zip(arrays[transform.scale], arrays[transform.shift], strict=True)
        return (Step(partial(_scale_shift, scale=a, shift=b, clip=transform.clip), scale=(0.5, 0.5)) for a, b in pairs)
    chosen = set(arrays[transform.columns].tolist()) if isinstance(transform, Truncate) else set()
    return (Step(np.trunc if column in chosen else _unchanged) for column in range(width))


def _shift_scale(x: Floats, shift: float, scale: float) -> Floats:
    return (x - shift) / scale


def _scale_shift(x: Floats, scale: float, shift: float, clip: tuple[float, float] | None) -> Floats:
    moved = x * scale + shift
    return moved if clip is None else np.clip(moved, *clip)


def _log1p(x: Floats) -> Floats:
    return np.where(x > -1.0, np.log1p(x), np.nan)


def _yeo_johnson(x: Floats, power: float) -> Floats:
    return np.asarray(yeojohnson(x, power))


def _box_cox(x: Floats, power: float) -> Floats:
    return np.where(x > 0.0, boxcox(x, power), np.nan)


def _unchanged(x: Floats) -> Floats:
    return x
