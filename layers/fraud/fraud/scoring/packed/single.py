"""Trees and sigmoid in float32, step by step as XGBoost computes them."""

from array import array
from collections.abc import Sequence
from math import exp
from struct import Struct
from typing import Any

from fraud.scoring.packed.links import Sigmoid
from fraud.scoring.packed.nodes import NodeTable
from fraud.scoring.packed.scorer import SINGLE_TOLERANCE
from fraud.scoring.packed.trees import Trees

_EXP_LIMIT = 88.7
_SINGLE = Struct("f")


class SingleTrees(Trees):
    """`base + leaf + leaf + …` over a float32 row, each partial sum rounded to float32.

    The float64 sum of two float32 numbers, rounded once, is their float32 sum.
    """

    narrow = True

    def __init__(self, table: NodeTable, kernel: Any, base: float) -> None:
        super().__init__(table, kernel, single=True, base=array("f", (base,))[0], divisor=1)
        self.probability, self.tolerance = False, SINGLE_TOLERANCE

    def _walked(self, x: Sequence[float]) -> float:
        total = array("f", (self._base,))
        for node in self._table.roots:
            while isinstance(node, tuple):
                feature, threshold, low, high = node
                node = low if x[feature] <= threshold else high  # noqa: PLW2901
            total[0] += node
        return total[0]


class SingleSigmoid(Sigmoid):
    """A probability from log-odds, each operation rounded to float32."""

    @staticmethod
    def link(margin: float) -> float:
        """`1 / (1 + exp(-margin))`; the exponent stops at 88.7, as XGBoost's does."""
        return _rounded(1.0 / _rounded(1.0 + _rounded(exp(min(-margin, _EXP_LIMIT)))))


def _rounded(number: float) -> float:
    rounded: float = _SINGLE.unpack(_SINGLE.pack(number))[0]
    return rounded
