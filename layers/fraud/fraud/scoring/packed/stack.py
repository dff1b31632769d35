"""A scorer that reads other scorers' answers."""

from collections.abc import Sequence
from math import fsum

from fraud.scoring.packed.scorer import BOOSTED_TOLERANCE, RowScorer


class Stack(RowScorer):
    """`of` the members' answers, followed by the row itself when `passthrough` is set."""

    def __init__(self, members: Sequence[RowScorer], of: RowScorer, *, passthrough: bool) -> None:
        self._members, self._of, self._passthrough = tuple(members), of, passthrough
        self.probability = of.probability
        self.rescaled = of.rescaled or not of.straight or any(member.rescaled for member in members)
        self.tolerance = max(BOOSTED_TOLERANCE, of.tolerance, *(member.tolerance for member in members))
        self.node_count = of.node_count + sum(member.node_count for member in members)

    def value(self, row: Sequence[float]) -> float:
        """The final answer."""
        return self._of.value(self._answers(row))

    def contributions(self, row: Sequence[float], reference: Sequence[float]) -> list[float]:
        """Each answer's share of the final one, split between the columns as the answer's own change is.

        Exact Shapley values where the final scorer is a weighted sum and the members' contributions are.
        """
        after, before = self._answers(row), self._answers(reference)
        shares = self._of.contributions(after, before)
        pulled = shares[len(self._members) :] if self._passthrough else [0.0] * len(row)
        for member, share, now, then in zip(self._members, shares, after, before, strict=False):
            if share:
                parts = member.contributions(row, reference)
                carried = in_proportion if self._of.straight else by_those_that_push
                for column, part in enumerate(carried(parts, now - then, share)):
                    pulled[column] += part
        return pulled

    def _answers(self, row: Sequence[float]) -> list[float]:
        answers = [member.value(row) for member in self._members]
        return [*answers, *row] if self._passthrough else answers


def in_proportion(parts: Sequence[float], change: float, share: float) -> list[float]:
    """`share` split as `parts` are of the `change` they sum to."""
    slope = share / change if change else 0.0
    return [slope * part for part in parts]


def by_those_that_push(parts: Sequence[float], change: float, share: float) -> list[float]:
    """`share` split between the parts with the sign of their sum `change`.

    A final scorer with jumps has no slope, and parts that all but cancel would be blown up by one.
    """
    pushing = [part if part * change > 0.0 else 0.0 for part in parts]
    return in_proportion(pushing, fsum(pushing), share)
