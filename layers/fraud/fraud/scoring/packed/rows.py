"""Many rows at once: as lists for what goes through them one by one, and side by side in memory for the kernel."""

from array import array
from collections.abc import Sequence
from functools import cached_property
from struct import Struct
from typing import Any

from fraud.scoring.packed.kernel import call, zeros


class Rows:
    """Rows of `width` numbers, given as lists or one after the other in float64.

    Raises ValueError for lists of another length.
    """

    def __init__(self, given: "Sequence[Sequence[float]] | array[float]", width: int) -> None:
        self.width = width
        if isinstance(given, array):
            self.packed, self.count = given, len(given) // width
            return
        wrong = next((row for row in given if len(row) != width), None)
        if wrong is not None:
            raise ValueError(f"the row holds {len(wrong)} numbers, the model reads {width}")
        self.lists, self.count = given, len(given)

    @cached_property
    def lists(self) -> Sequence[Sequence[float]]:
        """The rows one by one."""
        return [self.packed[start : start + self.width].tolist() for start in range(0, len(self.packed), self.width)]

    @cached_property
    def packed(self) -> "array[float]":
        """The rows one after the other."""
        pack = Struct(f"{self.width}d").pack
        return array("d", b"".join([pack(*row) for row in self.lists]))

    def mapped(self, function: Any, *options: Any) -> "Rows":
        """The rows a function of the kernel makes of these, as many and as wide."""
        made = zeros("d", self.count * self.width)
        call(function, self.packed, self.count, self.width, *options, made)
        return Rows(made, self.width)
