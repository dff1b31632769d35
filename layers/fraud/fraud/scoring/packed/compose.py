"""Scorers made of others: a pipeline of transforms, a weighted mean."""

from collections.abc import Sequence
from functools import reduce

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.scorer import BOOSTED_TOLERANCE, RowScorer
from fraud.scoring.packed.transforms import RowTransform


class Pipeline(RowScorer):
    """A scorer of the transformed row; contributions go back to the columns they come from."""

    def __init__(self, transforms: Sequence[RowTransform], of: RowScorer) -> None:
        self._transforms, self._of = tuple(transforms), of
        self.probability, self.rescaled = of.probability, of.rescaled
        self.tolerance, self.node_count = of.tolerance, of.node_count
        self.straight = of.straight and all(transform.straight for transform in transforms)

    def value(self, row: Sequence[float]) -> float:
        """The answer to the transformed row."""
        return self._of.value(self._transformed(row))

    def contributions(self, row: Sequence[float], reference: Sequence[float]) -> list[float]:
        """The inner contributions: row and reference are transformed alike, column by column."""
        shares = self._of.contributions(self._transformed(row), self._transformed(reference))
        for transform in reversed(self._transforms):
            shares = transform.pull_back(shares)
        return shares

    def _transformed(self, row: Sequence[float]) -> Sequence[float]:
        return reduce(lambda moved, transform: transform.apply(moved), self._transforms, row)


class Mean(RowScorer):
    """`Σ weight * member / Σ weight`, both sums in member order."""

    def __init__(self, members: Sequence[RowScorer], weights: Sequence[float]) -> None:
        self._members = tuple(zip(weights, members, strict=True))
        self._total = 0.0
        for weight in weights:
            self._total += weight
        if min(weights, default=-1.0) < 0.0 or self._total <= 0.0:
            raise InvalidPackedModelError("weights must not be negative and must not all be zero")
        self.probability = all(member.probability for member in members)
        self.rescaled = any(member.rescaled for member in members)
        self.tolerance = max(BOOSTED_TOLERANCE, *(member.tolerance for member in members))
        self.node_count = sum(member.node_count for member in members)

    def value(self, row: Sequence[float]) -> float:
        """The weighted mean of the members' answers."""
        total = 0.0
        for weight, member in self._members:
            total += weight * member.value(row)
        return total / self._total

    def contributions(self, row: Sequence[float], reference: Sequence[float]) -> list[float]:
        """The weighted mean of the members' contributions."""
        shares = [0.0] * len(row)
        for weight, member in self._members:
            for column, share in enumerate(member.contributions(row, reference)):
                shares[column] += weight * share
        return [share / self._total for share in shares]
