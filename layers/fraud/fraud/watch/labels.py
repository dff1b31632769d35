"""Labels: what people later said about a transaction, and what that makes of its decisions. Pure rules.

A transaction may be reported by several sources, late, twice, and corrected. Every report is kept; the outcome is
what the most authoritative source said last.
"""

from collections.abc import Sequence

import msgspec

AUTHORITY = ("chargeback", "analyst", "customer")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about one transaction; moments are RFC 3339 in UTC with milliseconds."""

    transaction_id: str
    is_fraud: bool
    source: str
    reported_at: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about it."""

    digest: str
    version: str
    at: str
    flagged: bool
    probability: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with what became known of it; `first_reported` tells when each source first called it fraud."""

    transaction_id: str
    decision: Decision
    is_fraud: bool
    source: str
    reported_at: str
    first_reported: dict[str, str]
    reports: int


def outcome(decision: Decision, reports: Sequence[Report]) -> Outcome:
    """What the reports make of a decision; the order they came in does not matter."""
    in_time = sorted(reports, key=lambda one: (one.reported_at, one.is_fraud))
    last = {one.source: one for one in in_time}
    verdict = next(last[source] for source in AUTHORITY if source in last)
    frauds = [one for one in reversed(in_time) if one.is_fraud]
    return Outcome(
        transaction_id=verdict.transaction_id,
        decision=decision,
        is_fraud=verdict.is_fraud,
        source=verdict.source,
        reported_at=verdict.reported_at,
        first_reported={one.source: one.reported_at for one in frauds} if verdict.is_fraud else {},
        reports=len(reports),
    )
