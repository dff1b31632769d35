"""Scorers made of others: a pipeline of transforms, a weighted mean."""

from collections.abc import Sequence
from functools import reduce

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed.rows import Rows
from fraud.scoring.packed.scorer import BOOSTED_TOLERANCE, RowScorer, Split
from fraud.scoring.packed.transforms import RowTransform


class Pipeline(RowScorer):
    """A scorer of the transformed row; contributions go back to the columns they come from."""

    def __init__(self, transforms: Sequence[RowTransform], of: RowScorer) -> None:
        self._transforms, self._of = tuple(transforms), of
        self.probability, self.rescaled, self.methods = of.probability, of.rescaled, of.methods
        self.tolerance, self.node_count = of.tolerance, of.node_count
        self.straight = of.straight and all(transform.straight for transform in transforms)

    def value(self, row: Sequence[float]) -> float:
        """The answer to the transformed row."""
        return self._of.value(self._transformed(row))

    def values(self, rows: Rows) -> list[float]:
        """The answers to many transformed rows."""
        return self._of.values(reduce(lambda moved, transform: transform.apply_many(moved), self._transforms, rows))

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """The inner split: row and reference are transformed alike, column by column."""
        base, margin, shares = self._of.split(self._transformed(row), self._transformed(reference))
        for transform in reversed(self._transforms):
            shares = transform.pull_back(shares)
        return Split(base, margin, shares)

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
        self.methods = frozenset[str]().union(*(member.methods for member in members))
        self.tolerance = max(BOOSTED_TOLERANCE, *(member.tolerance for member in members))
        self.node_count = sum(member.node_count for member in members)

    def value(self, row: Sequence[float]) -> float:
        """The weighted mean of the members' answers."""
        return self._mean([member.value(row) for _, member in self._members])

    def values(self, rows: Rows) -> list[float]:
        """The weighted means of many rows."""
        answers = [member.values(rows) for _, member in self._members]
        return list(map(self._mean, zip(*answers, strict=True)))

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """The weighted mean of the members' splits."""
        splits = [member.split(row, reference) for _, member in self._members]
        shares = list(map(self._mean, zip(*(split.shares for split in splits), strict=True)))
        return Split(
            self._mean([split.base for split in splits]), self._mean([split.margin for split in splits]), shares
        )

    def _mean(self, answers: Sequence[float]) -> float:
        total = 0.0
        for (weight, _), answer in zip(self._members, answers, strict=True):
            total += weight * answer
        return total / self._total
