"""Decision trees: forests, boosting, a single tree."""

from array import array
from collections.abc import Sequence
from functools import lru_cache
from math import comb
from typing import Any

from fraud.scoring.packed.attribution import PATH_DEPENDENT, SINGLE_REFERENCE
from fraud.scoring.packed.kernel_trees import KernelTrees
from fraud.scoring.packed.nodes import Node, NodeTable
from fraud.scoring.packed.rows import Rows
from fraud.scoring.packed.scorer import RowScorer, Split


class Trees(RowScorer):
    """`(base + leaf + leaf + …) / divisor` over trees, in tree order.

    A row goes low when `x <= threshold`. `single` rounds the row to float32 first (too large becomes infinity)
    and still compares with the float64 threshold, as scikit-learn's forests do; without it the float64 value is
    compared, as HistGradientBoosting does. A sum is divided by the divisor, never multiplied by its inverse.

    With a kernel the answers are its, bit for bit the walker's, and so are the splits of trees that know their training
    weights; without one, rows are walked through nested tuples and split against a reference row.
    """

    narrow = False

    def __init__(self, table: NodeTable, kernel: Any, *, single: bool, base: float, divisor: int) -> None:
        self._table, self._single, self._base, self._divisor = table, single, base, divisor
        self._kernel = (
            KernelTrees(kernel, table, single=single, narrow=self.narrow, base=base, divisor=divisor)
            if kernel
            else None
        )
        self._mean = self._kernel.mean if self._kernel else None
        self.methods = frozenset((SINGLE_REFERENCE if self._mean is None else PATH_DEPENDENT,))
        self.node_count = table.count
        average = base == 0.0 and divisor == len(table.root)
        self.probability = average and table.low >= 0.0 and table.high <= 1.0
        if average:
            self.tolerance = 0.0

    def value(self, row: Sequence[float]) -> float:
        """The sum of the leaves the row falls into, over the divisor."""
        if self._kernel:
            return self._kernel.score(row)
        return self._walked(self._seen(row))

    def values(self, rows: Rows) -> list[float]:
        """The answers to many rows, by one call of the kernel."""
        if not self._kernel:
            return super().values(rows)
        return self._kernel.score_rows(rows)

    def split(self, row: Sequence[float], reference: Sequence[float]) -> Split:
        """Path-dependent TreeSHAP where the kernel and training weights are there, else against the reference."""
        if self._kernel and self._mean is not None:
            return Split(self._mean, self.value(row), self._kernel.explain(row))
        return Split(self.value(reference), self.value(row), self._shares(row, reference))

    def _seen(self, row: Sequence[float]) -> Sequence[float]:
        return array("f", row).tolist() if self._single else row

    def _walked(self, x: Sequence[float]) -> float:
        total = self._base
        for node in self._table.roots:
            while isinstance(node, tuple):
                feature, threshold, low, high = node
                node = low if x[feature] <= threshold else high  # noqa: PLW2901
            total += node
        return total / self._divisor

    def _shares(self, row: Sequence[float], reference: Sequence[float]) -> list[float]:
        """Exact Shapley values against the reference: each node is visited at most once."""
        x, z = (list(self._seen(values)) for values in (row, reference))
        shares = [0.0] * len(x)
        for root in self._table.roots:
            _share(root, x, z, 0, 0, shares)
        return [share / self._divisor for share in shares]


def _share(
    node: Node, x: list[float], z: list[float], taken: int, left_out: int, shares: list[float]
) -> tuple[float, float]:
    """Add the Shapley values of one subtree to `shares`.

    A leaf value v is reached by the coalitions that hold the `taken` columns (a) in which the path needs the row's
    value and none of the `left_out` ones (b) in which it needs the reference's. It adds v (a-1)! b! / (a+b)! to
    each of the former and takes v a! (b-1)! / (a+b)! from each of the latter (Lundberg et al. 2020, interventional
    TreeSHAP). Returned are the sums of both over the leaves below; the node that decided a column collects them.
    Where `x` and `z` part, the column is decided: below, both hold the side's value, so it never branches again.
    """
    while isinstance(node, tuple):
        feature, threshold, low, high = node
        goes_low = x[feature] <= threshold
        if goes_low == (z[feature] <= threshold):
            node = low if goes_low else high
            continue
        ours, theirs = (low, high) if goes_low else (high, low)
        mine, other = x[feature], z[feature]
        z[feature] = mine
        gain, loss = _share(ours, x, z, taken + 1, left_out, shares)
        x[feature] = z[feature] = other
        far_gain, far_loss = _share(theirs, x, z, taken, left_out + 1, shares)
        x[feature] = mine
        shares[feature] += gain + far_loss
        return gain + far_gain, loss + far_loss
    return node * _weight(taken, left_out), -node * _weight(left_out, taken)


@lru_cache(maxsize=4096)
def _weight(inside: int, outside: int) -> float:
    """`(inside - 1)! outside! / (inside + outside)!`, 0 for no column inside."""
    return 1 / (inside * comb(inside + outside, inside)) if inside else 0.0
