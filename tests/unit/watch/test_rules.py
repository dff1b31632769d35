"""When people hear of what: opening, reminders, recovery, and nothing in between."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import ValidationError

from fraud.watch.cells import Cell
from fraud.watch.health import FAIL, PASS, Check
from fraud.watch.rules import Alert, Rule, default_rules, following, rules, value_of

START, COOLDOWN = datetime(2026, 11, 22, 12, tzinfo=UTC), timedelta(minutes=15)
RULE = Rule(name="errors", metric="error_rate", comparison=">", threshold=0.05, severity="critical")


def minutes(values: Sequence[float | None], last: Alert | None = None) -> tuple[list[int], Alert | None]:
    """The minutes in which people are told, a value a minute."""
    told = []
    for minute, value in enumerate(values):
        found = following(RULE, value, last, START + timedelta(minutes=minute), COOLDOWN)
        if found:
            last = found[0]
            told += [minute] if found[1] else []
    return told, last


def test_a_broken_rule_is_told_at_once_and_once_a_cooldown() -> None:
    assert minutes([0.9] * 35)[0] == [0, 15, 30]


def test_a_recovery_is_told_once_and_closes_the_alert() -> None:
    told, last = minutes([0.9, 0.9, 0.0, 0.0, 0.0])
    assert told == [0, 2]
    assert last is not None
    assert (last.state, last.recovered_at) == ("recovered", "2026-11-22T12:02:00.000Z")


def test_flapping_within_the_cooldown_is_silent_after_the_first_recovery() -> None:
    assert minutes([0.9, 0.0, 0.9, 0.0, 0.9, 0.0])[0] == [0, 1]


def test_what_is_broken_anew_after_the_cooldown_is_a_new_alert() -> None:
    _, first = minutes([0.9, 0.0])
    told, second = minutes([0.9, 0.0] + [0.0] * 14 + [0.9])
    assert told == [0, 1, 16]
    assert first is not None
    assert second is not None
    assert first.id != second.id


def test_an_acknowledged_alert_gives_no_reminders_but_recovers() -> None:
    from msgspec.structs import replace

    _, last = minutes([0.9])
    assert last is not None
    assert minutes([0.9] * 40 + [0.0], replace(last, acknowledged_at="x"))[0] == [40]


def test_too_little_to_tell_changes_nothing() -> None:
    assert minutes([0.9, None, None])[0] == [0]
    few = Cell(statuses={200: 1, 500: 9})
    assert value_of(RULE, {}, lambda _: few) is None
    assert value_of(RULE, {}, lambda _: Cell(statuses={200: 10, 500: 10})) == 0.5


def test_checks_are_metrics_too() -> None:
    [rule] = [one for one in default_rules() if one.name == "active_model"]
    checks = {
        name: Check(name, status, "", 0.0, "none") for name, status in (("active_model", FAIL), ("log_bucket", PASS))
    }
    assert value_of(rule, checks, lambda _: Cell()) == 2.0


def test_own_rules_are_added_and_replace_defaults_of_their_name() -> None:
    own = '[{"name": "drift", "metric": "requests", "comparison": "<", "threshold": 5, "window_minutes": 60}]'
    found = {rule.name: rule for rule in rules(own)}
    assert (found["drift"].metric, len(found)) == ("requests", len(default_rules()))
    with pytest.raises(ValueError, match="unknown metric"):
        rules('[{"name": "x", "metric": "moon", "comparison": "<", "threshold": 5}]')
    with pytest.raises(ValidationError):
        rules('[{"name": "x"}]')
