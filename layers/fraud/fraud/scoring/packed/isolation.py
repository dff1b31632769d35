"""Isolation trees: how soon a row is separated from the others."""

from collections.abc import Sequence

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.attribution import split_by_sign
from fraud.scoring.packed.nodes import NodeTable
from fraud.scoring.packed.scorer import BOOSTED_TOLERANCE
from fraud.scoring.packed.trees import Trees


class IsolationTrees(Trees):
    """`2 ** -(Σ path length / unit)`: near 1 for rows few splits isolate."""

    rescaled = True

    def __init__(self, table: NodeTable, *, single: bool, unit: float) -> None:
        super().__init__(table, single=single, base=0.0, divisor=1)
        if table.low < 0.0 or unit <= 0.0:
            raise InvalidPackedModelError("path lengths must not be negative, and their unit must be positive")
        self._unit = unit
        self.probability, self.tolerance = True, BOOSTED_TOLERANCE

    def value(self, row: Sequence[float]) -> float:
        """The anomaly score of the row, above 0 and at most 1."""
        return self._curve(super().value(row))

    def contributions(self, row: Sequence[float], reference: Sequence[float]) -> list[float]:
        """The contributions to the path length, carried over by sign."""
        shares = super().contributions(row, reference)
        return split_by_sign(self._curve, super().value(reference), super().value(row), shares)

    def _curve(self, depth: float) -> float:
        # partial sums of shares can leave the range of depths
        return float(2.0 ** -max(depth / self._unit, -1.0))
