"""Weighted sums: logistic regression's margin."""

from array import array
from collections.abc import Sequence
from math import fsum, isfinite
from operator import mul, sub
from typing import Any

from fraud.scoring.packed.attribution import LINEAR
from fraud.scoring.packed.kernel import call, zeros
from fraud.scoring.packed.rows import Rows
from fraud.scoring.packed.scorer import RowScorer, Split


class Linear(RowScorer):
    """`intercept + Σ weight * x`, the products summed without rounding error between them.

    NaN when products overflow in both directions, which the model refuses to answer.
    """

    straight = True
    methods = frozenset((LINEAR,))

    def __init__(self, weights: list[float], intercept: float, kernel: Any = None) -> None:
        self._weights, self._intercept = weights, intercept
        self._kernel, self._array = kernel, array("d", weights)

    def value(self, row: Sequence[float]) -> float:
        """The margin of a row."""
        try:
            return fsum(map(mul, self._weights, row)) + self._intercept
        except (OverflowError, ValueError):  # a product or the sum left the range of float64
            return float(sum(map(mul, self._weights, row))) + self._intercept

    def values(self, rows: Rows) -> list[float]:
        """The margins of many rows, by one call of the kernel; what is not finite there is summed here."""
        if not self._kernel:
            return super().values(rows)
        margins = zeros("d", rows.count)
        call(self._kernel.kernel_linear, rows.packed, rows.count, rows.width, self._array, self._intercept, margins)
        found = margins.tolist()
        return found if all(map(isfinite, found)) else super().values(rows)

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """`weight * (x - reference)`: the closed form of the Shapley value of a sum."""
        shares = list(map(mul, self._weights, map(sub, row, reference)))
        return Split(self.value(reference), self.value(row), shares)
