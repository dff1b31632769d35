"""A scorer that reads other scorers' answers."""

from collections.abc import Sequence
from math import fsum

from fraud.scoring.packed.rows import Rows
from fraud.scoring.packed.scorer import BOOSTED_TOLERANCE, RowScorer, Split


class Stack(RowScorer):
    """`of` the members' answers, followed by the row itself when `passthrough` is set."""

    def __init__(self, members: Sequence[RowScorer], of: RowScorer, *, passthrough: bool) -> None:
        self._members, self._of, self._passthrough = tuple(members), of, passthrough
        self._width = len(members)
        explained = (*members, of) if passthrough else members
        self.methods = frozenset[str]().union(*(scorer.methods for scorer in explained))
        self.probability = of.probability
        self.rescaled = of.rescaled or not of.straight or any(member.rescaled for member in members)
        self.tolerance = max(BOOSTED_TOLERANCE, of.tolerance, *(member.tolerance for member in members))
        self.node_count = of.node_count + sum(member.node_count for member in members)

    def value(self, row: Sequence[float]) -> float:
        """The final answer."""
        return self._of.value(self._answers(row))

    def values(self, rows: Rows) -> list[float]:
        """The final answers to many rows."""
        answers: list[Sequence[float]] = list(zip(*(member.values(rows) for member in self._members), strict=True))
        if not self._passthrough:
            return self._of.values(Rows(answers, self._width))
        passed = [(*told, *row) for told, row in zip(answers, rows.lists, strict=True)]
        return self._of.values(Rows(passed, self._width + rows.width))

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """Each answer's share of the final one, split between the columns as the answer's own change is.

        Exact Shapley values where the final scorer is a weighted sum and the members' are. The final scorer compares
        the answers with the members' bases.
        """
        splits = [member.split(row, reference) for member in self._members]
        after, before = [split.margin for split in splits], [split.base for split in splits]
        if self._passthrough:
            after, before = [*after, *row], [*before, *reference]
        base, margin, shares = self._of.split(after, before)
        pulled = shares[self._width :] if self._passthrough else [0.0] * len(row)
        carried = in_proportion if self._of.straight else by_those_that_push
        for split, share in zip(splits, shares, strict=False):
            if share:
                for column, part in enumerate(carried(split.shares, split.margin - split.base, share)):
                    pulled[column] += part
        return Split(base, margin, pulled)

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
