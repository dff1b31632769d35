"""The counters as traffic decisions want them."""

from collections.abc import Callable
from datetime import datetime
from math import exp

from fraud.scoring.bins import BINS_PER_LOGIT
from fraud.traffic.figures import Figures, Labels, Period
from fraud.traffic.rollout import MIRRORED
from fraud.traffic.sequential.means import moments
from fraud.watch import histogram
from fraud.watch.cells import Cell
from fraud.watch.counter_store import CounterStore

MICROSECONDS = 1000.0


class CountedFigures:
    """A `FiguresSource` that reads the watch table.

    `labels(version, since)` gives mature labels, `shadowed(rollout_id)` the sums of a shadow's tallies.
    """

    def __init__(
        self,
        counters: CounterStore,
        labels: Callable[[str, datetime], Labels],
        shadowed: Callable[[str], tuple[Figures, Figures]],
    ) -> None:
        self._counters, self._shadowed = counters, shadowed
        self.labels = labels

    def figures(self, version: str, since: datetime, until: datetime) -> Figures:
        """The figures of one version, by minutes."""
        return figures_of(self._counters.figures(since, until, version))

    def shadowed(self, rollout_id: str) -> Period:
        """A shadow beside the active version, on the same requests."""
        candidate, active = self._shadowed(rollout_id)
        return Period(MIRRORED, candidate, active)


def figures_of(cell: Cell) -> Figures:
    """A cell's figures: what the caller got wrong is nobody's request, what broke on our side is an error."""
    return Figures(
        requests=cell.succeeded + cell.broken,
        errors=cell.broken,
        alerts=cell.frauds,
        latency=moments([(histogram.middle(index) / MICROSECONDS, n) for index, n in cell.latency.items()]),
        scores=moments([(100.0 * _middle(index), n) for index, n in cell.scores.items()]),
    )


def _middle(index: int) -> float:
    """The probability in the middle of a log-odds bin."""
    return 1.0 / (1.0 + exp(-(index + 0.5) / BINS_PER_LOGIT))
