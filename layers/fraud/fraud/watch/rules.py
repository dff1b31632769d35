"""When people should hear: alert rules as data, and what a minute's figures make of them. Pure.

A rule compares one metric with one threshold: `check.<name>` of a health check (0 pass, 1 warn, 2 fail), or a figure
counted over the rule's own window; `custom.<name>` is the share that an operator's own metric counted.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from fraud.clock import parse_rfc3339, rfc3339
from fraud.watch.cells import Cell
from fraud.watch.custom import COMPARE
from fraud.watch.health import FAIL, PASS, WARN, Check
from fraud.watch.histogram import quantile
from fraud.watch.reports import ratio

LEVELS = {PASS: 0.0, WARN: 1.0, FAIL: 2.0}
FIGURES: Mapping[str, Callable[[Cell], float | None]] = {
    "requests": lambda cell: float(cell.total),
    "error_rate": lambda cell: ratio(cell.unanswered, cell.total),
    "refused_rate": lambda cell: ratio(cell.failed - cell.unanswered, cell.total),
    "p99_ms": lambda cell: (quantile(cell.latency, 0.99) or 0.0) / 1000 if cell.succeeded else None,
    "fraud_rate": lambda cell: ratio(cell.frauds, cell.succeeded),
    "high_risk_rate": lambda cell: ratio(cell.high_risk, cell.succeeded),
    "average_amount": lambda cell: ratio(int(cell.amount_cents) / 100, cell.succeeded),
}
CHECK, CUSTOM = "check.", "custom."
CRITICAL = ("registry_table", "requests_table", "watch_table", "model_bucket", "log_bucket", "active_model")
WARNING = ("archive_lag", "queues", "latency_p99", "fraud_rate", "business", "drift")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule; a figure of fewer than `at_least` requests is no figure."""

    name: str
    metric: str
    comparison: str
    threshold: float
    severity: str = "warning"
    window_minutes: int = 15
    at_least: int = 20


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a rule was broken, or an event people must hear of. `state`: firing or recovered.

    `reason` says why in words; an event has its kind for `rule`, its version for `metric` and the value 1.
    """

    id: str
    rule: str
    severity: str
    state: str
    metric: str
    value: float
    threshold: float
    opened_at: str
    notified_at: str
    notifications: int = 1
    recovery_told: bool = False
    recovered_at: str | None = None
    acknowledged_at: str | None = None
    acknowledged_by: str | None = None
    reason: str = ""


def default_rules() -> list[Rule]:
    """A critical alert for every check that fails, a warning for those that can only warn."""
    failing = [_of_check(name, 2.0, "critical") for name in (*CRITICAL, "error_rate", "label_quality")]
    return [*failing, *(_of_check(name, 1.0, "warning") for name in WARNING)]


def rules(told: str) -> list[Rule]:
    """The default rules, and those of a JSON list; one of the same name replaces a default.

    Raises msgspec.ValidationError or ValueError when the text is not such a list.
    """
    own = msgspec.json.decode(told, type=list[Rule]) if told else []
    for rule in own:
        if rule.comparison not in COMPARE or not (rule.metric in FIGURES or rule.metric.startswith((CHECK, CUSTOM))):
            raise ValueError(f"rule {rule.name}: unknown metric {rule.metric!r} or comparison {rule.comparison!r}")
    return list({rule.name: rule for rule in (*default_rules(), *own)}.values())


def value_of(rule: Rule, checks: Mapping[str, Check], counted: Callable[[timedelta], Cell]) -> float | None:
    """The rule's metric now; None when there is too little to tell."""
    if rule.metric.startswith(CHECK):
        check = checks.get(rule.metric.removeprefix(CHECK))
        return LEVELS[check.status] if check else None
    cell = counted(timedelta(minutes=rule.window_minutes))
    if cell.total < rule.at_least:
        return None
    if rule.metric.startswith(CUSTOM):
        return ratio(cell.custom.get(rule.metric.removeprefix(CUSTOM), 0), cell.succeeded)
    return FIGURES[rule.metric](cell)


def following(
    rule: Rule, value: float | None, last: Alert | None, now: datetime, cooldown: timedelta
) -> tuple[Alert, bool] | None:
    """The alert after this minute and whether people are told; None when nothing changes.

    Told are: the opening, a reminder every cooldown while nobody acknowledged, the recovery. Broken again within the
    cooldown it opens anew without a word.
    """
    if value is None:
        return None
    if not COMPARE[rule.comparison](value, rule.threshold):
        return _recovered(last, now) if last and last.state == "firing" else None
    at, due = rfc3339(now), last is None or now - parse_rfc3339(last.notified_at) >= cooldown
    if last is None or (last.state == "recovered" and due):
        return _opened(rule, value, at), True
    if last.state == "recovered":
        return msgspec.structs.replace(last, state="firing", value=value, recovered_at=None), False
    if due and last.acknowledged_at is None:
        told = last.notifications + 1
        reminder = msgspec.structs.replace(last, value=value, notified_at=at, notifications=told, recovery_told=False)
        return reminder, True
    return None


def _of_check(name: str, level: float, severity: str) -> Rule:
    return Rule(name=name, metric=f"check.{name}", comparison=">=", threshold=level, severity=severity)


def alert_id(at: str, name: str) -> str:
    """Ids in the order of time; `at` is RFC 3339."""
    return f"{at.replace('-', '').replace(':', '').replace('.', '')}-{name}"


def _opened(rule: Rule, value: float, at: str) -> Alert:
    return Alert(
        id=alert_id(at, rule.name),
        rule=rule.name,
        severity=rule.severity,
        state="firing",
        metric=rule.metric,
        value=value,
        threshold=rule.threshold,
        opened_at=at,
        notified_at=at,
    )


def _recovered(last: Alert, now: datetime) -> tuple[Alert, bool]:
    closed = msgspec.structs.replace(last, state="recovered", recovered_at=rfc3339(now), recovery_told=True)
    return closed, not last.recovery_told
