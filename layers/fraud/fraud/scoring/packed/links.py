"""Functions of another scorer's answer: affine, sigmoid, and the steps of an isotonic calibration."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import exp, isnan

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.attribution import by_mean_slope, split_by_sign
from fraud.scoring.packed.rows import Rows
from fraud.scoring.packed.scorer import BOOSTED_TOLERANCE, RowScorer, Split

_EXP_LIMIT = 709.0


def sigmoid(margin: float) -> float:
    """`1 / (1 + exp(-margin))`, 0 where the exponential would overflow; NaN stays NaN."""
    if margin > -_EXP_LIMIT:
        return 1.0 / (1.0 + exp(-margin))
    return margin if isnan(margin) else 0.0


class Affine(RowScorer):
    """`scale * of + offset`; shares only scale."""

    def __init__(self, of: RowScorer, scale: float, offset: float) -> None:
        self._of, self._scale, self._offset = of, scale, offset
        self.methods, self.rescaled, self.straight = of.methods, of.rescaled, of.straight
        self.node_count, self.tolerance = of.node_count, max(of.tolerance, BOOSTED_TOLERANCE)

    def value(self, row: Sequence[float]) -> float:
        """The scaled and shifted answer."""
        return self._moved(self._of.value(row))

    def values(self, rows: Rows) -> list[float]:
        """The answers to many rows."""
        return list(map(self._moved, self._of.values(rows)))

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """The inner split, moved alike."""
        inner = self._of.split(row, reference)
        shares = [self._scale * share for share in inner.shares]
        return Split(self._moved(inner.base), self._moved(inner.margin), shares)

    def _moved(self, score: float) -> float:
        return self._scale * score + self._offset


class Sigmoid(RowScorer):
    """A probability from log-odds: `link` of another scorer's answer."""

    probability = True
    rescaled = True

    def __init__(self, of: RowScorer) -> None:
        self.of = of
        self.methods, self.node_count = of.methods, of.node_count
        self.tolerance = max(of.tolerance, BOOSTED_TOLERANCE)

    def value(self, row: Sequence[float]) -> float:
        """The probability of a row."""
        return self.link(self.of.value(row))

    def values(self, rows: Rows) -> list[float]:
        """The probabilities of many rows."""
        return list(map(self.link, self.of.values(rows)))

    @staticmethod
    def link(margin: float) -> float:
        """The probability of log-odds."""
        return sigmoid(margin)

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """The log-odds' split times the mean slope of the sigmoid between base and margin."""
        return by_mean_slope(self.link, self.of.split(row, reference))


class Steps(RowScorer):
    """Linear interpolation between points, flat outside: `numpy.interp` after clipping, operation by operation."""

    rescaled = True

    def __init__(self, of: RowScorer, at: list[float], value: list[float]) -> None:
        if not at or any(left >= right for left, right in pairwise(at)):
            raise InvalidPackedModelError("the points of a calibration must increase")
        self._of, self._at, self._value = of, at, value
        self.methods, self.node_count = of.methods, of.node_count
        self.tolerance = max(of.tolerance, BOOSTED_TOLERANCE)
        self.probability = min(value) >= 0.0 and max(value) <= 1.0

    def value(self, row: Sequence[float]) -> float:
        """The calibrated answer of a row."""
        return self.curve(self._of.value(row))

    def values(self, rows: Rows) -> list[float]:
        """The calibrated answers of many rows."""
        return list(map(self.curve, self._of.values(rows)))

    def curve(self, score: float) -> float:
        """The interpolated value at a score; NaN stays NaN."""
        at, value = self._at, self._value
        score = min(max(score, at[0]), at[-1])
        index = bisect_right(at, score) - 1
        if at[index] == score:  # the ends too, where there is no next point
            return value[index]
        if isnan(score):
            return score
        slope = (value[index + 1] - value[index]) / (at[index + 1] - at[index])
        return slope * (score - at[index]) + value[index]

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """The inner split carried over by sign: steps are too steep for one mean slope."""
        return split_by_sign(self.curve, self._of.split(row, reference))
