"""Where a model's numbers lie: from this follow the reference row when nobody gives medians, the guess at unnamed
columns, and the golden rows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fraud.packing.axes import CONSTANT, ArrayMap, Floats, raw_axes, walk
from fraud.packing.choices import ChoiceSplit, choices_of
from fraud.packing.extents import scales_of
from fraud.packing.splits import Splits, splits_of
from fraud.scoring.packed.ops import Bounds
from fraud.scoring.packed.program import Scorer

_SPREADS = 3.0
_MARGIN = 0.1


class Landscape(NamedTuple):
    """What a model's numbers show of its columns.

    `splits` of all trees; `choices`, the splits by sets of values; `centre` and `spread` of the first scaler by
    column (NaN where there is none); `low` and `high`, outside which a column has no answer.
    """

    splits: Splits
    choices: Sequence[ChoiceSplit]
    centre: Floats
    spread: Floats
    low: Floats
    high: Floats

    def reach(self) -> Floats:
        """The largest magnitude each column's split points and scale show; 0 where they show nothing."""
        reach = np.nan_to_num(np.abs(self.centre) + self.spread)
        np.maximum.at(reach, self.splits.column, np.abs(self.splits.threshold))
        return reach

    def ranges(self) -> tuple[Floats, Floats]:
        """Lowest and highest value of each column worth asking about; -3 to 3 where nothing is known."""
        low, high = self.centre - _SPREADS * self.spread, self.centre + _SPREADS * self.spread
        for column in np.unique(self.splits.column):
            points = self.splits.threshold[self.splits.column == column]
            margin = _MARGIN * np.ptp(points) or max(1.0, abs(float(points[0])))
            low[column] = np.fmin(low[column], points.min() - margin)
            high[column] = np.fmax(high[column], points.max() + margin)
        return self.within(np.nan_to_num(low, nan=-_SPREADS)), self.within(np.nan_to_num(high, nan=_SPREADS))

    def typical_row(self) -> Floats:
        """The row that goes where most training rows went, split by split; else the scaler's centre, else 0."""
        row = np.nan_to_num(self.centre)
        for column in np.unique(self.splits.column):
            row[column] = _majority(self.splits.where(self.splits.column == column), float(row[column]))
        for column, values in self.choice_values().items():
            row[column] = max((self._agreement(column, value), -value) for value in values.tolist())[1] * -1.0
        return self.within(np.where((row <= 0.0) & (self.low > 0.0), 1.0, row))

    def choice_values(self) -> dict[int, Floats]:
        """The values the sets of a column hold and one that none of them does, by column."""
        asked: dict[int, set[float]] = {}
        for split in self.choices:
            asked.setdefault(split.column, set()).update(split.values)
        return {column: np.array([*sorted(values), max(values, default=0.0) + 1.0]) for column, values in asked.items()}

    def within(self, rows: Floats) -> Floats:
        """The rows with each column cut to where it has an answer."""
        return np.clip(rows, self.low, self.high)

    def _agreement(self, column: int, value: float) -> float:
        """How much training weight went the way of this value at the splits by sets."""
        asked = [split for split in self.choices if split.column == column]
        return sum(split.low if value in split.values else split.high for split in asked)


def survey(scorer: Scorer, scaled: Scorer, arrays: ArrayMap, width: int) -> Landscape:
    """The landscape of a program over `width` columns; `scaled` is the program before `fold`, with every scaler."""
    low, high = _bounds(scorer, arrays, width)
    return Landscape(
        splits_of(scorer, arrays, width),
        choices_of(scorer, arrays, width),
        *scales_of(scaled, arrays, width),
        low,
        high,
    )


def _bounds(scorer: Scorer, arrays: ArrayMap, width: int) -> tuple[Floats, Floats]:
    low, high = np.full(width, -np.inf), np.full(width, np.inf)
    for bounds, axes in walk(scorer, arrays, raw_axes(width)):
        if isinstance(bounds, Bounds):
            raw = axes.columns != CONSTANT
            ends = [(arrays[name] * axes.scale + axes.shift)[raw] for name in (bounds.low, bounds.high)]
            np.maximum.at(low, axes.columns[raw], ends[0])
            np.minimum.at(high, axes.columns[raw], ends[1])
    return low, high


def _majority(splits: Splits, near: float) -> float:
    """The value that agrees with most training weight over all splits of its column, as close to `near` as it can be.

    A value between two neighbouring thresholds agrees with the low side of all above and the high side of all below.
    """
    order = np.argsort(splits.threshold)
    points = splits.threshold[order]
    above = np.concatenate([np.cumsum(splits.low[order][::-1])[::-1], [0.0]])
    below = np.concatenate([[0.0], np.cumsum(splits.high[order])])
    best = int(np.argmax(above + below))
    floor = np.nextafter(points[best - 1], np.inf) if best else -np.inf
    ceiling = points[best] if best < len(points) else np.inf
    return float(min(max(near, floor), ceiling))
