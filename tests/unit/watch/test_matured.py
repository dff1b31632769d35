"""Labels that may be judged by."""

from datetime import UTC, datetime, timedelta

from fraud.clock import rfc3339
from fraud.traffic.figures import Labels
from fraud.watch.labels import Decision, Outcome
from fraud.watch.matured import counted

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def known(number: int, *, days_ago: float, is_fraud: bool, flagged: bool, version: str = "v1.0.0") -> Outcome:
    decided = NOW - timedelta(days=days_ago)
    reported = rfc3339(decided + timedelta(days=2))
    decision = Decision(digest="d", version=version, at=rfc3339(decided), flagged=flagged, probability=0.5)
    return Outcome(
        transaction_id=f"t-{number}", decision=decision, is_fraud=is_fraud, source="analyst", reported_at=reported,
        first_reported={"analyst": reported} if is_fraud else {}, reports=1,
    )  # fmt: skip


def test_only_the_versions_own_decisions_old_enough_are_counted() -> None:
    # GIVEN frauds that are reported after two days, and a customer who complains at once
    told = [
        known(1, days_ago=10, is_fraud=True, flagged=True),
        known(2, days_ago=10, is_fraud=True, flagged=False),
        known(3, days_ago=10, is_fraud=False, flagged=True),
        known(4, days_ago=10, is_fraud=False, flagged=False),
        known(5, days_ago=1, is_fraud=False, flagged=True),
        known(6, days_ago=10, is_fraud=True, flagged=True, version="v1.1.0"),
        known(7, days_ago=25, is_fraud=True, flagged=True),
    ]

    # WHEN they are counted since 20 days ago / THEN the complaint of yesterday does not count yet
    assert counted(told, "v1.0.0", NOW - timedelta(days=20), NOW) == Labels(1, 1, 1)


def test_without_a_reported_fraud_nothing_is_mature() -> None:
    told = [known(1, days_ago=10, is_fraud=False, flagged=True)]
    assert counted(told, "v1.0.0", NOW - timedelta(days=20), NOW) == Labels()
