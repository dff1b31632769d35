"""Health: named checks, each with its verdict, its words and its time; a failing check is reported, never raised."""

import time
from collections.abc import Callable, Mapping

import msgspec

from fraud.clock import now, rfc3339
from fraud.errors import FraudError

PASS, WARN, FAIL = "pass", "warn", "fail"
SEVERITIES = {PASS: "none", WARN: "warning", FAIL: "critical"}


class Verdict(msgspec.Struct, frozen=True):
    """What a check found."""

    status: str
    detail: str
    value: float | None = None
    threshold: float | None = None


class Check(msgspec.Struct, frozen=True):
    """A check's verdict with its name, severity (`none`, `warning`, `critical`) and duration."""

    name: str
    status: str
    detail: str
    duration_ms: float
    severity: str = "none"
    value: float | None = None
    threshold: float | None = None


class Report(msgspec.Struct, frozen=True):
    """`healthy`: all pass; `degraded`: something warns; `unhealthy`: something fails."""

    status: str
    active_version: str | None
    checks: list[Check]
    at: str


def examine(checks: Mapping[str, Callable[[], Verdict]], active_version: Callable[[], str | None]) -> Report:
    """Run every check, whatever the others do."""
    done = [_run(name, check) for name, check in checks.items()]
    found = {check.status for check in done}
    status = "unhealthy" if FAIL in found else "degraded" if WARN in found else "healthy"
    try:
        version = active_version()
    except Exception:  # the check of the registry already says why
        version = None
    return Report(status, version, done, rfc3339(now()))


def _run(name: str, check: Callable[[], Verdict]) -> Check:
    started = time.perf_counter()
    try:
        verdict = check()
    except FraudError as error:
        verdict = Verdict(FAIL, error.message)
    except Exception as exc:  # a dependency may fail in any way; health reports it by kind
        verdict = Verdict(FAIL, f"failed with {type(exc).__name__}")
    spent = round((time.perf_counter() - started) * 1000, 3)
    return Check(
        name, verdict.status, verdict.detail, spent, SEVERITIES[verdict.status], verdict.value, verdict.threshold
    )
