"""Stratified bootstrap of labelled, scored rows, without drawing row by row.

Rows that no formula can tell apart form one group; how often a group is drawn is multinomial, so the draws of
57,000 rows cost those of the few thousand groups (Efron & Tibshirani, An Introduction to the Bootstrap, 1993,
ch. 6 and 8: the same distribution). Frauds and others are drawn separately, each as often as it occurs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from fraud.versions.measurements import Bounds
from fraud.versions.metrics import Flags, Floats, Integers, Labels, Metrics

WEIGHTS_IN_MEMORY = 2_000_000  # group weights held at once: 16 MB, whatever the set and the draws
INTERVAL = (0.025, 0.975)
Measure = Callable[[Floats], Metrics]


@dataclass(frozen=True)
class Groups:
    """Groups of alike rows: one row of each (`first`), how many rows each has, and the group of every row."""

    first: Integers
    sizes: Integers
    of_row: Integers

    def mean(self, values: Floats) -> Floats:
        """Mean (groups,) of a value (n,) of the rows."""
        mean: Floats = np.bincount(self.of_row, weights=values) / self.sizes
        return mean


class Cells:
    """Adds up what falls into each cell of a ranking, highest score first."""

    def __init__(self, cell_of_group: Integers) -> None:
        self._order = np.argsort(cell_of_group, kind="stable")
        ranked = cell_of_group[self._order]
        self._starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))

    def sums(self, weights: Floats) -> Floats:
        """Weights (d, groups) -> (d, cells)."""
        sums: Floats = np.add.reduceat(weights[:, self._order], self._starts, axis=1)
        return sums


def cells(labels: Labels, scores: Floats) -> Integers:
    """The cell (n,) of each row, rising as scores fall: rows of one score share a cell.

    Neighbouring scores at which nothing is fraud share one too: their order changes no ranking metric.
    """
    _, run = np.unique(-scores, return_inverse=True)
    holds_fraud = np.bincount(run, weights=labels) > 0
    starts_cell = holds_fraud | np.concatenate(([True], holds_fraud[:-1]))
    return np.cumsum(starts_cell)[run]


def group(*keys: Integers | Labels | Flags) -> Groups:
    """Rows that agree in every key (n,) of small non-negative integers."""
    joint = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        joint = joint * (int(np.max(key)) + 1) + key
    _, first, of_row, sizes = np.unique(joint, return_index=True, return_inverse=True, return_counts=True)
    return Groups(first=first, sizes=sizes, of_row=of_row)


def bootstrap(
    measure: Measure, labels: Labels, groups: Groups, draws: int, seed: int
) -> dict[str, tuple[float, Bounds]]:
    """Each metric of the rows as they are, and its 95 % interval over the resamples."""
    found = measure(groups.sizes[np.newaxis].astype(np.float64))
    drawn = [measure(weights) for weights in _resamples(labels[groups.first], groups.sizes, draws, seed)]
    return {
        name: (float(value[0]), _interval(np.concatenate([one[name] for one in drawn])))
        for name, value in found.items()
    }


def _interval(drawn: Floats) -> Bounds:
    lower, upper = np.quantile(drawn, INTERVAL)
    return float(lower), float(upper)


def _resamples(labels: Labels, sizes: Integers, draws: int, seed: int) -> Iterator[Floats]:
    """How often each group is drawn, (d, groups) at a time, until `draws` resamples were given."""
    rng = np.random.default_rng(seed)
    classes = [np.flatnonzero(labels == label) for label in (0, 1)]
    step = max(1, WEIGHTS_IN_MEMORY // len(sizes))
    for start in range(0, draws, step):
        weights = np.zeros((min(step, draws - start), len(sizes)))
        for members in classes:
            rows = int(sizes[members].sum())
            weights[:, members] = rng.multinomial(rows, sizes[members] / rows, size=len(weights))
        yield weights
