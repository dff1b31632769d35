"""Where a model's numbers lie: from this follow the reference row when nobody gives medians, the guess at unnamed
columns, and the golden rows."""

from typing import NamedTuple

import numpy as np

from fraud.packing.splits import ArrayMap, Floats, Splits, first_scale, splits_of
from fraud.scoring.packed.program import Scorer

_SPREADS = 3.0
_MARGIN = 0.1


class Landscape(NamedTuple):
    """`splits` of all trees, `centre` and `spread` of the first scaler by column (NaN where there is none)."""

    splits: Splits
    centre: Floats
    spread: Floats

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
        return np.nan_to_num(low, nan=-_SPREADS), np.nan_to_num(high, nan=_SPREADS)

    def typical_row(self) -> Floats:
        """The row that goes where most training rows went, split by split; else the scaler's centre, else 0."""
        row = np.nan_to_num(self.centre)
        for column in np.unique(self.splits.column):
            row[column] = _majority(self.splits.where(self.splits.column == column), float(row[column]))
        return row


def survey(scorer: Scorer, arrays: ArrayMap, width: int) -> Landscape:
    """The landscape of a program over `width` columns."""
    unknown = np.full(width, np.nan)
    centre, spread = first_scale(scorer, arrays, width) or (unknown, unknown)
    return Landscape(splits_of(scorer, arrays, width), centre, spread)


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
