"""A checked set of trees, laid out for the kernel."""

from array import array
from collections.abc import Iterable, Sequence
from ctypes import byref
from itertools import accumulate
from struct import Struct
from typing import Any

from fraud.scoring.packed.kernel import COLUMN_BYTES, NODE_BYTES, POINTS, Table, address, call, zeros
from fraud.scoring.packed.nodes import NodeTable
from fraud.scoring.packed.quadrature import gauss_legendre
from fraud.scoring.packed.rows import Rows


class KernelTrees:
    """Scores and explains rows of `table.width` numbers; struct.error for rows of another length.

    `single`: rows are rounded to float32 before they are compared. `narrow`: so is each partial sum.
    `mean`: the mean answer over the training rows, None where the table does not know their weight.
    """

    def __init__(self, kernel: Any, table: NodeTable, *, single: bool, narrow: bool, base: float, divisor: int) -> None:
        self._kernel, self._width, self._trees = kernel, table.width, len(table.root)
        self._pack = Struct(f"{table.width}d").pack
        self._table = Table(trees=self._trees, width=table.width, base=base, divisor=divisor, narrow=narrow)
        self._by_table = byref(self._table)
        self._kept: list[array[Any]] = []
        self._lay_out(table, single=single)
        self._store_sets(table)
        self.mean = self._measure(table.depth) if table.covered else None

    def score(self, row: Sequence[float]) -> float:
        """The answer to one row."""
        answer: float = self._kernel.kernel_score(self._by_table, self._pack(*row))
        return answer

    def score_rows(self, rows: Rows) -> list[float]:
        """The answers to many rows."""
        answers = zeros("d", rows.count)
        call(self._kernel.kernel_score_rows, self._by_table, rows.packed, rows.count, answers)
        return answers.tolist()

    def explain(self, row: Sequence[float]) -> list[float]:
        """Each column's path-dependent SHAP value; they sum to the row's answer minus `mean`."""
        shares, gained = zeros("d", self._width), zeros("d", self._width * POINTS)
        frame, columns = zeros("d", self._frame), zeros("B", self._width * COLUMN_BYTES)
        call(self._kernel.kernel_explain, self._by_table, self._pack(*row), shares, frame, columns, gained)
        return shares.tolist()

    def _lay_out(self, table: NodeTable, *, single: bool) -> None:
        nodes, share = zeros("d", table.count * NODE_BYTES // 8), zeros("d", table.count)
        roots, place = zeros("i", self._trees), zeros("i", table.count)
        read = (table.root, table.feature, table.value, table.left, table.right, table.choice)
        cover = table.cover if table.covered else None
        call(self._kernel.kernel_layout, single, self._trees, *read, cover, place, nodes, roots, share)
        self._keep(nodes=nodes, share=share, roots=roots)

    def _store_sets(self, table: NodeTable) -> None:
        if table.sets:
            values = [value for chosen in table.sets for value in sorted(chosen)]
            starts = accumulate(map(len, table.sets), initial=0)
            self._keep(set_start=array("i", starts), set_value=array("d", values))

    def _measure(self, depth: int) -> float:
        distinct = zeros("i", self._trees)
        mean: float = call(self._kernel.kernel_measure, self._by_table, zeros("i", self._width), distinct)
        groups = [_groups(columns) for columns in distinct]
        rules = sorted(set(groups))
        starts = dict(zip(rules, accumulate(rules, initial=0), strict=False))
        at = _joined(gauss_legendre(POINTS * count)[0] for count in rules)
        self._keep(
            groups=array("i", groups),
            rule=array("i", map(starts.__getitem__, groups)),
            at=at,
            weight=_joined(gauss_legendre(POINTS * count)[1] for count in rules),
            without=array("d", [1.0 / (1.0 - place) for place in at]),
        )
        self._frame = 4 * (depth + 2) * POINTS * rules[-1]
        return mean

    def _keep(self, **arrays: "array[Any]") -> None:
        for name, numbers in arrays.items():
            self._kept.append(numbers)
            setattr(self._table, name, address(numbers))


def _groups(columns: int) -> int:
    """Groups of points that integrate the product over all columns of a path but one: two columns a point."""
    return max(1, -(-columns // (2 * POINTS)))


def _joined(parts: Iterable[Sequence[float]]) -> "array[float]":
    return array("d", [number for part in parts for number in part])
