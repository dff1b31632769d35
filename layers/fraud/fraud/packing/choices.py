"""Splits that ask for one of a set of values: how they are stored, and which values they tell apart."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from fraud.packing.axes import CONSTANT, ArrayMap, Axes, raw_axes, walk
from fraud.packing.bench import Bench
from fraud.packing.forest import TreeArrays, store_trees
from fraud.scoring.packed.choices import NO_CHOICE
from fraud.scoring.packed.ops import ChoiceTrees
from fraud.scoring.packed.program import Scorer

Sets = list[frozenset[float] | None]  # one a node: the values that go low, None where no set decides


class ChoiceSplit(NamedTuple):
    """One split: a raw column, the values that go low, and the training weight that went low and high."""

    column: int
    values: frozenset[float]
    low: float
    high: float


def store_choice_trees(
    bench: Bench, trees: Sequence[TreeArrays], sets: Sequence[Sets], *, base: float = 0.0, divisor: int = 1
) -> ChoiceTrees:
    """One table of all trees, and of the sets their nodes ask for, each set once."""
    group = store_trees(bench, trees, single=False).nodes
    numbered = list(dict.fromkeys(asked for tree in sets for asked in tree if asked is not None))
    number: dict[frozenset[float] | None, int] = {asked: index for index, asked in enumerate(numbered)}
    values = [sorted(asked) for asked in numbered]
    bench.add_to_group(
        group,
        choice=([number.get(asked, NO_CHOICE) for tree in sets for asked in tree], "i4"),
        set_start=(np.cumsum([0, *map(len, values)]), "i4"),
        set_value=([value for asked in values for value in asked], "f8"),
    )
    return ChoiceTrees(group, base=base, divisor=divisor)


def choices_of(scorer: Scorer, arrays: ArrayMap, width: int) -> list[ChoiceSplit]:
    """All splits of a program over `width` columns that ask for a set of values of a raw column."""
    return [
        split
        for trees, axes in walk(scorer, arrays, raw_axes(width))
        if isinstance(trees, ChoiceTrees)
        for split in _splits(trees, arrays, axes)
        if split.column != CONSTANT
    ]


def _splits(trees: ChoiceTrees, arrays: ArrayMap, axes: Axes) -> Iterator[ChoiceSplit]:
    def of(name: str) -> Any:
        return arrays[f"{trees.nodes}.{name}"]

    start = of("set_start")
    for node in np.flatnonzero(of("choice") != NO_CHOICE):
        feature, asked = of("feature")[node], of("choice")[node]
        values = of("set_value")[start[asked] : start[asked + 1]] * axes.scale[feature] + axes.shift[feature]
        low, high = (float(of("cover")[of(side)[node]]) for side in ("left", "right"))
        yield ChoiceSplit(int(axes.columns[feature]), frozenset(values.tolist()), low, high)
