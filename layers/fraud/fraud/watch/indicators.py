"""Checks on what was counted and found: numbers in, verdict out. Too little data is never a reason to worry."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fraud.watch.cells import Cell
from fraud.watch.health import FAIL, PASS, WARN, Verdict
from fraud.watch.histogram import quantile
from fraud.watch.significance import binomial_tails

ENOUGH = 20  # requests below which a share says nothing
ENOUGH_DECISIONS = 100
ERROR_RATE_WARN, ERROR_RATE_FAIL = 0.01, 0.05
P99_MS_WARN = 1000.0
LAG_SECONDS_WARN, LAG_SECONDS_FAIL = 60.0, 600.0
CERTAINTY = 0.001


class FraudBounds(msgspec.Struct, frozen=True):
    """The fraud rate that is normal, and the bounds beyond which something is wrong."""

    base: float = 0.0017
    low: float = 0.001
    high: float = 0.2


def error_rate(cell: Cell) -> Verdict:
    """The share of requests that failed on our side."""
    if cell.total < ENOUGH:
        return _quiet(cell)
    rate = cell.unanswered / cell.total
    words = f"{cell.unanswered} of {cell.total} requests failed on our side"
    if rate >= ERROR_RATE_FAIL:
        return Verdict(FAIL, words, rate, ERROR_RATE_FAIL)
    return Verdict(WARN if rate >= ERROR_RATE_WARN else PASS, words, rate, ERROR_RATE_WARN)


def latency_p99(cell: Cell) -> Verdict:
    """The time to score that one request in a hundred exceeds."""
    if cell.succeeded < ENOUGH:
        return _quiet(cell)
    p99 = round((quantile(cell.latency, 0.99) or 0.0) / 1000, 3)
    return Verdict(WARN if p99 > P99_MS_WARN else PASS, f"p99 {p99} ms", p99, P99_MS_WARN)


def fraud_rate(cell: Cell, bounds: FraudBounds) -> Verdict:
    """The share that was flagged, against bounds that count only when the window can tell it from the base rate."""
    n, frauds = cell.succeeded, cell.frauds
    if n < ENOUGH_DECISIONS:
        return _quiet(cell)
    rate, (below, above) = frauds / n, binomial_tails(frauds, n, bounds.base)
    words = f"{frauds} of {n} flagged"
    if rate > bounds.high and above < CERTAINTY:
        return Verdict(WARN, f"{words}: above the upper bound", rate, bounds.high)
    if rate < bounds.low and below < CERTAINTY:
        return Verdict(WARN, f"{words}: below the lower bound", rate, bounds.low)
    return Verdict(PASS, words, rate, bounds.high)


def archive_lag(seconds: float | None) -> Verdict:
    """How long the last archived record waited."""
    if seconds is None:
        return Verdict(PASS, "nothing was archived lately")
    status = FAIL if seconds > LAG_SECONDS_FAIL else WARN if seconds > LAG_SECONDS_WARN else PASS
    return Verdict(status, f"records are archived after {seconds:.0f} s", seconds, LAG_SECONDS_WARN)


def dead_letters(depths: Mapping[str, int]) -> Verdict:
    """What no function could handle."""
    held = {name: depth for name, depth in depths.items() if depth}
    words = ", ".join(f"{name}: {depth}" for name, depth in held.items()) or "all queues are empty"
    return Verdict(WARN if held else PASS, words, float(sum(held.values())), 0.0)


def drift(found: Mapping[str, Any] | None, active: str | None) -> Verdict:
    """Whether the active version sees other values than it was measured on."""
    if found is None or found["version"] != active:
        return Verdict(PASS, "not measured yet")
    drifted = found["drifted"]
    words = f"drifted: {', '.join(drifted)}" if drifted else f"none in {found['rows']} rows"
    return Verdict(WARN if drifted else PASS, words, float(len(drifted)), 0.0)


def business(found: Mapping[str, Any] | None) -> Verdict:
    """Whether the last whole hour was unlike the same hour of the weeks before."""
    if found is None:
        return Verdict(PASS, "no hour was compared yet")
    seen = [f"{one['metric']} {one['value']:.4g}, usually {one['usual']:.4g}" for one in found["anomalies"]]
    words = f"{found['hour']}: {'; '.join(seen) or 'as usual'}"
    return Verdict(WARN if seen else PASS, words, float(len(seen)), 0.0)


def label_quality(found: Mapping[str, Any] | None, active: str | None, minimum_f1: float) -> Verdict:
    """Whether labels show the active version to be too bad to serve: the upper bound of its F1 is below the minimum."""
    told = (found or {}).get("by_version", {}).get(active) or {}
    realised = told.get("realised")
    if not realised or realised["f1_high"] is None:
        return Verdict(PASS, "no mature labels yet")
    low, high = realised["f1_low"], realised["f1_high"]
    words = f"F1 {realised['f1']:.3f}, 95 % interval {low:.3f} to {high:.3f}, from {told['labelled']} labels"
    return Verdict(FAIL if high < minimum_f1 else PASS, words, high, minimum_f1)


def _quiet(cell: Cell) -> Verdict:
    return Verdict(PASS, f"{cell.total} requests: too few to judge")
