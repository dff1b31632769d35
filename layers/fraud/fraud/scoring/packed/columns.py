"""Transforms that arrange columns: added, cut to whole numbers, led through branches."""

from collections.abc import Sequence

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.transforms import RowTransform


class Pad(RowTransform):
    """The row followed by zeros."""

    straight = True

    def __init__(self, inputs: int, zeros: int) -> None:
        if zeros < 1:
            raise InvalidPackedModelError(f"{zeros} columns cannot be added")
        self.width = inputs + zeros
        self._inputs, self._zeros = inputs, [0.0] * zeros

    def apply(self, row: Sequence[float]) -> list[float]:
        """The longer row."""
        return [*row, *self._zeros]

    def pull_back(self, contributions: list[float]) -> list[float]:
        """What belongs to the row: zeros stay zeros and explain nothing."""
        return contributions[: self._inputs]


class Truncate(RowTransform):
    """Some columns without their fraction."""

    def __init__(self, inputs: int, columns: list[int]) -> None:
        self.width = inputs
        self._columns = columns

    def apply(self, row: Sequence[float]) -> list[float]:
        """The row with whole numbers in those columns."""
        moved = list(row)
        for column in self._columns:
            moved[column] = float(int(moved[column]))
        return moved


class Branches(RowTransform):
    """The row through each branch, the results side by side."""

    def __init__(self, inputs: int, branches: Sequence[Sequence[RowTransform]]) -> None:
        if not branches or not all(branches):
            raise InvalidPackedModelError("a branch holds no transform")
        self._inputs, self._branches = inputs, branches
        self.width = sum(branch[-1].width for branch in branches)
        self.straight = all(transform.straight for branch in branches for transform in branch)

    def apply(self, row: Sequence[float]) -> list[float]:
        """The joined results."""
        joined: list[float] = []
        for branch in self._branches:
            moved = row
            for transform in branch:
                moved = transform.apply(moved)
            joined += moved
        return joined

    def pull_back(self, contributions: list[float]) -> list[float]:
        """Each input column's sum over the branches."""
        pulled = [0.0] * self._inputs
        start = 0
        for branch in self._branches:
            part = contributions[start : start + branch[-1].width]
            start += branch[-1].width
            for transform in reversed(branch):
                part = transform.pull_back(part)
            pulled = [total + share for total, share in zip(pulled, part, strict=True)]
        return pulled
