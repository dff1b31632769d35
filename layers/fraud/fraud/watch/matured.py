"""Labels that may be judged by: of decisions old enough that a fair share of their frauds has been reported."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from fraud.clock import now, parse_rfc3339
from fraud.traffic.figures import Labels
from fraud.watch.label_store import LabelStore
from fraud.watch.labels import Outcome
from fraud.watch.maturity import SCORED_FROM, maturity

LOOKED_BACK = timedelta(days=30)
DAY = timedelta(days=1)


class MatureLabels:
    """Counts a version's outcomes."""

    def __init__(self, store: LabelStore) -> None:
        self._store = store

    def __call__(self, version: str, since: datetime) -> Labels:
        """Of the version's decisions since a moment (at most 30 days back)."""
        at = now()
        known = [one for day in _days(max(since, at - LOOKED_BACK), at) for one in self._store.outcomes(day)]
        return counted(known, version, since, at)


def counted(known: Iterable[Outcome], version: str, since: datetime, at: datetime) -> Labels:
    """The outcomes as counts; those of decisions too young to be judged are left out.

    How late frauds are reported is learned from all versions' outcomes (`maturity`).
    """
    held = list(known)
    curve = maturity(_delays(held, at))
    judged = [
        one
        for one in held
        if one.decision.version == version
        and parse_rfc3339(one.decision.at) >= since
        and curve.share((at - parse_rfc3339(one.decision.at)) / DAY) >= SCORED_FROM
    ]
    return Labels(
        sum(one.is_fraud and one.decision.flagged for one in judged),
        sum(not one.is_fraud and one.decision.flagged for one in judged),
        sum(one.is_fraud and not one.decision.flagged for one in judged),
    )


def _delays(known: Iterable[Outcome], at: datetime) -> Iterator[tuple[float, float]]:
    for one in known:
        if one.first_reported:
            decided = parse_rfc3339(one.decision.at)
            first = parse_rfc3339(min(one.first_reported.values()))
            yield (first - decided) / DAY, (at - decided) / DAY


def _days(since: datetime, until: datetime) -> Iterator[datetime]:
    day = since
    while day.date() <= until.date():
        yield day
        day += DAY
