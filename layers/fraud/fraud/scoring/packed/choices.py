"""Splits that ask whether a value is one of a set: categories."""

from array import array
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.arrays import Arrays
from fraud.scoring.packed.nodes import LEAF, NodeTable

MAX_SET_VALUES = 2_000_000
NO_CHOICE = -1


class Choice(frozenset[float]):
    """A set of values in the place of a threshold: `x <= choice` asks whether x is one of them.

    Whoever walks trees compares with thresholds; comparing with this one means looking it up.
    """

    def __ge__(self, value: object) -> bool:
        """Whether the value is in the set."""
        return value in self


class ChoiceTable(NodeTable):
    """Trees with the further arrays `<name>.choice`, `.set_start` and `.set_value` (see `ops.ChoiceTrees`).

    Raises InvalidPackedModelError for sets that overlap, and for nodes that ask for a set there is not.
    """

    sets: list[Choice]
    choice: "array[int]"

    def __init__(self, arrays: Arrays, name: str, width: int) -> None:
        self.choice = array("i", arrays.integers(f"{name}.choice", "i"))
        self.sets = _read_sets(arrays, name)
        super().__init__(arrays, name, width)

    def _check_tests(self) -> None:
        if len(self.choice) != self.count:
            raise InvalidPackedModelError(f"{len(self.choice)} choices for {self.count} nodes")
        asked = {choice for choice, feature in zip(self.choice, self.feature, strict=True) if feature == LEAF}
        if asked - {NO_CHOICE} or not NO_CHOICE <= min(self.choice) <= max(self.choice) < len(self.sets):
            raise InvalidPackedModelError("a node asks for a set of values there is not")

    def _tests(self) -> Sequence[float]:
        tests: list[Any] = [
            threshold if choice == NO_CHOICE else self.sets[choice]
            for choice, threshold in zip(self.choice, self.value, strict=True)
        ]
        return cast(list[float], tests)


def _read_sets(arrays: Arrays, name: str) -> list[Choice]:
    values = arrays.floats(f"{name}.set_value")
    starts = arrays.integers(f"{name}.set_start", "i")
    rising = all(start <= end for start, end in pairwise(starts))
    if not starts or starts[0] != 0 or starts[-1] != len(values) or not rising or len(values) > MAX_SET_VALUES:
        raise InvalidPackedModelError("the sets of values do not follow one another")
    return [Choice(values[start:end]) for start, end in pairwise(starts)]
