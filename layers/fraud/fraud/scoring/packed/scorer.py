"""What every evaluator of a packed program offers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

BOOSTED_TOLERANCE = 1e-12
SINGLE_TOLERANCE = 1e-6


class RowScorer(ABC):
    """One number from one row, and its exact split between the row's columns.

    `probability`: every answer lies in [0, 1]. `rescaled`: contributions had to cross a nonlinear link.
    `straight`: a constant plus a multiple of each column. `tolerance`: how far an answer may lie from the source
    model's; 0 where the same operations run in the same order, most where float32 is summed. `node_count`: tree
    nodes held.
    """

    probability = False
    rescaled = False
    straight = False
    tolerance = BOOSTED_TOLERANCE
    node_count = 0

    @abstractmethod
    def value(self, row: Sequence[float]) -> float:
        """The answer to a row of finite numbers."""

    @abstractmethod
    def contributions(self, row: Sequence[float], reference: Sequence[float]) -> list[float]:
        """One number a column, summing to `value(row) - value(reference)` up to rounding.

        The Shapley values of the game in which a column outside the coalition takes the reference's value.
        """
