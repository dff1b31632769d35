"""Labelled transactions: what the trainer reads, in the order they happened."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidRequestError
from fraud.versions.evaluation_set import load_evaluation_set

COLUMNS = ("Time", *(f"V{number}" for number in range(1, 29)), "Amount")
LABEL = "Class"


class UnreadableDataError(ValueError):
    """The file does not hold labelled transactions; the message says why."""


@dataclass(frozen=True)
class Transactions:
    """`X` float64 (n, k), `y` int8 (n,) with 1 for fraud, `columns` the k names; rows are ordered by time."""

    X: NDArray[np.float64]
    y: NDArray[np.int8]
    columns: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.y)

    @property
    def frauds(self) -> int:
        """Rows that are fraud."""
        return int(self.y.sum())

    def between(self, start: float, end: float) -> "Transactions":
        """The rows from one share of the set to another: `between(0.6, 0.8)` is the fourth fifth in time."""
        first, last = round(start * len(self)), round(end * len(self))
        return Transactions(self.X[first:last], self.y[first:last], self.columns)

    def first(self, rows: int) -> "Transactions":
        """The earliest rows, all when there are fewer."""
        return Transactions(self.X[:rows], self.y[:rows], self.columns)


def read(path: Path) -> Transactions:
    """Labelled transactions of an `.npz` (`X`, `y`, `columns`) or a CSV with a header and a `Class` column.

    Raises UnreadableDataError.
    """
    try:
        found = _read_npz(path) if path.suffix == ".npz" else _read_csv(path)
    except (OSError, ValueError, InvalidRequestError) as exc:
        raise UnreadableDataError(f"{path}: {exc}") from exc
    return _by_time(found)


def _read_npz(path: Path) -> Transactions:
    found = load_evaluation_set(path.read_bytes())
    return Transactions(found.X, found.y, found.columns)


def _read_csv(path: Path) -> Transactions:
    with path.open(newline="", encoding="utf-8") as file:
        header = [name.strip() for name in next(csv.reader(file), [])]
        if LABEL not in header:
            raise UnreadableDataError(f"the header has no column {LABEL}")
        table = np.loadtxt(file, delimiter=",", quotechar='"', ndmin=2, dtype=np.float64)
    if table.shape[0] == 0 or table.shape[1] != len(header):
        raise UnreadableDataError(f"{len(header)} names in the header do not go with rows of {table.shape[1]} values")
    features = [index for index, name in enumerate(header) if name != LABEL]
    labels = table[:, header.index(LABEL)]
    if not (np.isin(labels, (0, 1)).all() and 0 < labels.sum() < len(labels)):
        raise UnreadableDataError(f"{LABEL} must be 0 and 1 and hold both")
    if not np.isfinite(table).all():
        raise UnreadableDataError("there are values that are not finite numbers")
    return Transactions(table[:, features], labels.astype(np.int8), tuple(header[index] for index in features))


def _by_time(found: Transactions) -> Transactions:
    """Rows in order of `Time`; as they lie in the file when there is no such column."""
    times = [index for index, name in enumerate(found.columns) if name.lower() == "time"]
    if not times:
        return found
    order = np.argsort(found.X[:, times[0]], kind="stable")
    return Transactions(found.X[order], found.y[order], found.columns)
