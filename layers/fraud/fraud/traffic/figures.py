"""What a version did in a period: the numbers every traffic decision is made of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from fraud.traffic.sequential.means import Moments

NOTHING = Moments(0, 0.0, 0.0)


class Labels(msgspec.Struct, frozen=True):
    """How a version's verdicts compare with mature labels."""

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0

    @property
    def n(self) -> int:
        """Labelled transactions that were fraud or flagged as fraud: those F1 is made of."""
        return self.true_positives + self.false_positives + self.false_negatives


class Figures(msgspec.Struct, frozen=True):
    """Counts and moments of one version over a period.

    `requests` are those it answered or should have answered, `errors` those it failed to, `alerts` those it called
    fraud; latency in milliseconds, scores are risk scores from 0 to 100.
    """

    requests: int = 0
    errors: int = 0
    alerts: int = 0
    latency: Moments = NOTHING
    scores: Moments = NOTHING
    labels: Labels = Labels()


class FiguresSource(Protocol):
    """Where figures come from: of whole minutes, the end left out; labels are mature ones."""

    def figures(self, version: str, since: datetime, until: datetime) -> Figures: ...
    def labels(self, version: str, since: datetime) -> Labels: ...
    def shadowed(self, rollout_id: str) -> "Period": ...


class Period(msgspec.Struct, frozen=True):
    """Both arms over the same time, while the candidate had a `share` (0 to 1) of the traffic."""

    share: float
    candidate: Figures
    active: Figures


def combined(parts: Iterable[Figures]) -> Figures:
    """The figures of several periods as one."""
    held = list(parts)
    return Figures(
        requests=sum(one.requests for one in held),
        errors=sum(one.errors for one in held),
        alerts=sum(one.alerts for one in held),
        latency=pooled(one.latency for one in held),
        scores=pooled(one.scores for one in held),
        labels=Labels(
            sum(one.labels.true_positives for one in held),
            sum(one.labels.false_positives for one in held),
            sum(one.labels.false_negatives for one in held),
        ),
    )


def pooled(parts: Iterable[Moments]) -> Moments:
    """The moments of several samples as one (Chan, Golub, LeVeque 1979)."""
    n, mean, squares = 0, 0.0, 0.0
    for one in parts:
        if one.n:
            total, delta = n + one.n, one.mean - mean
            squares += one.variance * max(1, one.n - 1) + delta * delta * n * one.n / total
            mean += delta * one.n / total
            n = total
    return Moments(n, mean, squares / max(1, n - 1)) if n else NOTHING
