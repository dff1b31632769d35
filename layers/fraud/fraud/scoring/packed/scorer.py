"""What every evaluator of a packed program offers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from fraud.scoring.packed.rows import Rows

BOOSTED_TOLERANCE = 1e-12
SINGLE_TOLERANCE = 1e-6


class Split(NamedTuple):
    """`base` + Σ `shares` (one a column) = `margin`, up to rounding; `margin` is the answer to the row."""

    base: float
    margin: float
    shares: list[float]


class RowScorer(ABC):
    """One number from one row, and its exact split between the row's columns.

    `probability`: every answer lies in [0, 1]. `methods`: the kinds of Shapley values a split is made of.
    `rescaled`: contributions had to cross a nonlinear link. `straight`: a constant plus a multiple of each column.
    `tolerance`: how far an answer may lie from the source model's; 0 where the same operations run in the same order,
    most where float32 is summed. `node_count`: tree nodes held.
    """

    probability = False
    methods: frozenset[str] = frozenset()
    rescaled = False
    straight = False
    tolerance = BOOSTED_TOLERANCE
    node_count = 0

    @abstractmethod
    def value(self, row: Sequence[float]) -> float:
        """The answer to a row of finite numbers."""

    def values(self, rows: Rows) -> list[float]:
        """The answers to many rows, each the one `value` gives."""
        return [self.value(row) for row in rows.lists]

    @abstractmethod
    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """How the answer splits between the columns: the Shapley values of a game between them.

        Its method says what an absent column is worth: the reference's value (`single_reference_shapley`,
        `linear_shap`), or both ways at each split it decides, by training weight (`tree_path_dependent_shap`).
        """
