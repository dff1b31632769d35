"""Isolation trees: how soon a row is separated from the others."""

from collections.abc import Sequence
from typing import Any

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.attribution import split_by_sign
from fraud.scoring.packed.nodes import NodeTable
from fraud.scoring.packed.rows import Rows
from fraud.scoring.packed.scorer import RowScorer, Split
from fraud.scoring.packed.trees import Trees


class IsolationTrees(RowScorer):
    """`2 ** -(Σ path length / unit)`: near 1 for rows few splits isolate."""

    probability = True
    rescaled = True

    def __init__(self, table: NodeTable, kernel: Any, *, single: bool, unit: float) -> None:
        if table.low < 0.0 or unit <= 0.0:
            raise InvalidPackedModelError("path lengths must not be negative, and their unit must be positive")
        self._depth = Trees(table, kernel, single=single, base=0.0, divisor=1)
        self._unit = unit
        self.methods, self.node_count = self._depth.methods, table.count

    def value(self, row: Sequence[float]) -> float:
        """The anomaly score of the row, above 0 and at most 1."""
        return self._curve(self._depth.value(row))

    def values(self, rows: Rows) -> list[float]:
        """The anomaly scores of many rows."""
        return list(map(self._curve, self._depth.values(rows)))

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """The split of the path length, carried over by sign."""
        return split_by_sign(self._curve, self._depth.split(row, reference))

    def _curve(self, depth: float) -> float:
        # partial sums of shares can leave the range of depths
        return float(2.0 ** -max(depth / self._unit, -1.0))
