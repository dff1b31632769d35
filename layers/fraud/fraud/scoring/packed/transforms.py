"""Row to row: scaling by column and choosing columns, with scikit-learn's own operation order."""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Sequence
from math import inf
from typing import Any

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed import program
from fraud.scoring.packed.arrays import Arrays
from fraud.scoring.packed.rows import Rows


class RowTransform(ABC):
    """A transform in which every output column depends on one input column at most; `width` columns come out.

    `straight`: each output column is a constant plus a multiple of its input.
    """

    width: int
    straight = False

    @abstractmethod
    def apply(self, row: Sequence[float]) -> list[float]:
        """The transformed row of `width` columns."""

    def apply_many(self, rows: Rows) -> Rows:
        """The transformed rows, each the one `apply` gives."""
        return Rows([self.apply(row) for row in rows.lists], self.width)

    def pull_back(self, contributions: list[float]) -> list[float]:
        """Contributions of the output columns, given to the input columns they come from."""
        return contributions


class ShiftScale(RowTransform):
    """`(x - shift) / scale`; scikit-learn subtracts and divides in two steps, so do we."""

    straight = True

    def __init__(self, shift: list[float], scale: list[float], kernel: Any = None) -> None:
        self.width = len(shift)
        self._columns = list(zip(shift, scale, strict=True))
        self._kernel, self._arrays = kernel, (array("d", shift), array("d", scale))

    def apply(self, row: Sequence[float]) -> list[float]:
        """The row, centred and scaled."""
        return [(x - shift) / scale for x, (shift, scale) in zip(row, self._columns, strict=True)]

    def apply_many(self, rows: Rows) -> Rows:
        """The rows, centred and scaled."""
        if not self._kernel:
            return super().apply_many(rows)
        return rows.mapped(self._kernel.kernel_shift_scale, *self._arrays)


class ScaleShift(RowTransform):
    """`x * scale + shift`, cut to `clip` when there is one."""

    def __init__(
        self, scale: list[float], shift: list[float], clip: tuple[float, float] | None, kernel: Any = None
    ) -> None:
        self._kernel, self._arrays = kernel, (array("d", scale), array("d", shift))
        self.width = len(scale)
        self._columns = list(zip(scale, shift, strict=True))
        self._clip = clip
        self.straight = clip is None

    def apply(self, row: Sequence[float]) -> list[float]:
        """The row in the target range."""
        moved = [x * scale + shift for x, (scale, shift) in zip(row, self._columns, strict=True)]
        if self._clip is None:
            return moved
        low, high = self._clip
        return [min(max(x, low), high) for x in moved]

    def apply_many(self, rows: Rows) -> Rows:
        """The rows in the target range."""
        if not self._kernel:
            return super().apply_many(rows)
        return rows.mapped(self._kernel.kernel_scale_shift, *self._arrays, *(self._clip or (-inf, inf)))


class Select(RowTransform):
    """The chosen columns."""

    straight = True

    def __init__(self, columns: list[int], inputs: int) -> None:
        self.width = len(columns)
        self._columns, self._inputs = columns, inputs

    def apply(self, row: Sequence[float]) -> list[float]:
        """The chosen columns of the row, in order."""
        return [row[column] for column in self._columns]

    def pull_back(self, contributions: list[float]) -> list[float]:
        """Each input column's sum over the places it was put in."""
        pulled = [0.0] * self._inputs
        for column, contribution in zip(self._columns, contributions, strict=True):
            pulled[column] += contribution
        return pulled


def build_transform(
    spec: program.Select | program.ScaleShift | program.ShiftScale, arrays: Arrays, width: int, kernel: Any = None
) -> RowTransform:
    """The evaluator of a transform over rows of `width`; raises InvalidPackedModelError for unusable numbers."""
    if isinstance(spec, program.Select):
        columns = arrays.integers(spec.columns, "i")
        if not columns or min(columns) < 0 or max(columns) >= width:
            raise InvalidPackedModelError(f"selected columns lie outside the {width} there are")
        return Select(columns, width)
    if isinstance(spec, program.ScaleShift):
        if spec.clip is not None and not spec.clip[0] <= spec.clip[1]:
            raise InvalidPackedModelError(f"clip range {spec.clip} is empty")
        return ScaleShift(arrays.floats(spec.scale, width), arrays.floats(spec.shift, width), spec.clip, kernel)
    shift = [0.0] * width if spec.shift is None else arrays.floats(spec.shift, width)
    scale = [1.0] * width if spec.scale is None else arrays.floats(spec.scale, width)
    if 0.0 in scale:
        raise InvalidPackedModelError("a column is scaled by zero")
    return ShiftScale(shift, scale, kernel)
