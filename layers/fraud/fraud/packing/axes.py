"""How what a part of a program reads stands to the raw row, and a walk over all parts that tell raw values apart."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.scoring.packed.ops import Bounds, FlatTrees, Pad
from fraud.scoring.packed.program import (
    Affine,
    Branches,
    Linear,
    Mean,
    Pipeline,
    ScaleShift,
    Scorer,
    Select,
    ShiftScale,
    Sigmoid,
    SingleSigmoid,
    Stack,
    Steps,
    Transform,
    Trees,
)

Floats = NDArray[np.float64]
ArrayMap = Mapping[str, NDArray[Any]]
AnyTrees = Trees | FlatTrees
CONSTANT = -1


class Axes(NamedTuple):
    """How a scorer's input stands to the raw row: column i is `columns[i]`, its x is `x * scale + shift` there.

    `columns[i]` is CONSTANT where no raw column decides. Curves count as straight: `fold` moves trees before them.
    """

    columns: NDArray[np.int64]
    scale: Floats
    shift: Floats

    def through(self, transform: Transform, arrays: ArrayMap) -> "Axes":
        """The axes of the transform's output."""
        if isinstance(transform, Select):
            return self._at(arrays[transform.columns])
        if isinstance(transform, Pad):
            return self._joined([self, _constants(transform.zeros)])
        if isinstance(transform, Branches):
            ends = []
            for branch in transform.of:
                ends.append(self)
                for nested in branch:
                    ends[-1] = ends[-1].through(nested, arrays)
            return self._joined(ends)
        if not isinstance(transform, ShiftScale | ScaleShift):
            return self
        factor, offset = inverse(transform, arrays, len(self.columns))
        return Axes(self.columns, self.scale * factor, self.scale * offset + self.shift)

    def after_answers(self, answers: int, *, passed: bool) -> "Axes":
        """The axes of a row of other scorers' answers, followed by this row where it is passed on."""
        return self._joined([_constants(answers), self] if passed else [_constants(answers)])

    def _at(self, chosen: NDArray[np.int64]) -> "Axes":
        return Axes(self.columns[chosen], self.scale[chosen], self.shift[chosen])

    @staticmethod
    def _joined(parts: "list[Axes]") -> "Axes":
        return Axes(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def raw_axes(width: int) -> Axes:
    """The axes of the raw row itself."""
    return Axes(np.arange(width), np.ones(width), np.zeros(width))


def walk(scorer: Scorer, arrays: ArrayMap, axes: Axes) -> Iterator[tuple[AnyTrees | Bounds, Axes]]:
    """Every set of trees and every bounds of a program, with what its columns are."""
    if isinstance(scorer, Pipeline):
        for transform in scorer.transforms:
            if isinstance(transform, Bounds):
                yield transform, axes
            axes = axes.through(transform, arrays)
        yield from walk(scorer.of, arrays, axes)
    elif isinstance(scorer, Mean | Stack):
        for member in scorer.members:
            yield from walk(member, arrays, axes)
        if isinstance(scorer, Stack):
            yield from walk(scorer.of, arrays, axes.after_answers(len(scorer.members), passed=scorer.passthrough))
    elif isinstance(scorer, Sigmoid | SingleSigmoid | Affine | Steps):
        yield from walk(scorer.of, arrays, axes)
    elif not isinstance(scorer, Linear):
        yield scorer, axes


def _constants(count: int) -> Axes:
    return Axes(np.full(count, CONSTANT), np.ones(count), np.zeros(count))


def inverse(transform: ShiftScale | ScaleShift, arrays: ArrayMap, width: int) -> tuple[Floats, Floats]:
    """Factor and offset that lead back from the transform's output: `x = output * factor + offset`."""
    if isinstance(transform, ScaleShift):
        factor = 1.0 / arrays[transform.scale]
        return factor, -arrays[transform.shift] * factor
    factor = np.ones(width) if transform.scale is None else arrays[transform.scale]
    return factor, np.zeros(width) if transform.shift is None else arrays[transform.shift]
