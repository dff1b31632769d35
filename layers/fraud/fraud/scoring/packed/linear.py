"""Weighted sums: logistic regression's margin."""

from collections.abc import Sequence
from math import fsum
from operator import mul, sub

from fraud.scoring.packed.attribution import LINEAR
from fraud.scoring.packed.scorer import RowScorer, Split


class Linear(RowScorer):
    """`intercept + Σ weight * x`, the products summed without rounding error between them.

    NaN when products overflow in both directions, which the model refuses to answer.
    """

    straight = True
    methods = frozenset((LINEAR,))

    def __init__(self, weights: list[float], intercept: float) -> None:
        self._weights, self._intercept = weights, intercept

    def value(self, row: Sequence[float]) -> float:
        """The margin of a row."""
        try:
            return fsum(map(mul, self._weights, row)) + self._intercept
        except (OverflowError, ValueError):  # a product or the sum left the range of float64
            return float(sum(map(mul, self._weights, row))) + self._intercept

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """`weight * (x - reference)`: the closed form of the Shapley value of a sum."""
        shares = list(map(mul, self._weights, map(sub, row, reference)))
        return Split(self.value(reference), self.value(row), shares)
