"""Guardrails: does a candidate do harm, compared with the active version over the same time?

Each guardrail is an always-valid test at its own level; the levels add up to 1 %, so a rollout of a version that is no
worse is taken back with at most that probability, however often one looks (the union bound).
"""

from collections.abc import Sequence
from math import exp, log

import msgspec

from fraud.traffic.figures import Figures, Labels, Period, combined
from fraud.traffic.sequential.means import Interval, Moments, difference
from fraud.traffic.sequential.rates import (
    as_probability,
    log_evidence,
    log_excess,
    log_shortfall,
    proportion_bounds,
    tilted,
)

PASS, HARM, UNKNOWN = "pass", "harm", "unknown"
ERROR_ALPHA = 0.002
ALERT_ALPHA = 0.006
SILENCE_ALPHA = 0.0003
LATENCY_ALPHA = 0.0006
SCORE_ALPHA = 0.0006
LABEL_ALPHA = 0.0005
ALERT_RATIO = 1.05  # a better model may flag somewhat more
SILENCE_RATIO = 0.5  # or fewer, but not half
LATENCY_RATIO, LATENCY_FLOOR_MS = 0.25, 5.0
SCORE_POINTS = 15.0
F1_FLOOR = 0.70
MEANS_NEED = 100  # observations in each arm before the central limit argument is used
MISMATCH_E, MISMATCH_CONCENTRATION = 1000.0, 100.0  # Fabijan et al., KDD 2019: a mismatch explains everything else


class Finding(msgspec.Struct, frozen=True):
    """What one guardrail says, in words and in the numbers it said it from."""

    guardrail: str
    state: str
    words: str
    numbers: dict[str, float]


def examine(periods: Sequence[Period], looks: int, f1_floor: float = F1_FLOOR) -> list[Finding]:
    """Every guardrail's finding; the last period is the present step, `looks` the number of steps there will be.

    Rates use every period (their E-values multiply); means the present one, at a level divided by the steps.
    """
    mended = [_as_exposed(period) for period in periods]
    now = mended[-1]
    return [
        exposure(periods[-1]),
        errors(mended),
        alerts(mended),
        silence(mended),
        latency(now.candidate.latency, now.active.latency, LATENCY_ALPHA / looks),
        scores(now.candidate.scores, now.active.scores, SCORE_ALPHA / looks),
        labels(combined(one.candidate for one in periods).labels, f1_floor),
    ]


def exposure(period: Period) -> Finding:
    """Did each arm get its share? A mismatch is no harm, but comparisons then go by the shares really seen."""
    seen, total = period.candidate.requests, period.candidate.requests + period.active.requests
    log_e = _mismatch(period)
    words = f"{seen} of {total} requests, {period.share:.0%} expected"
    if log_e >= log(MISMATCH_E):
        words += "; the split differs from the one asked for"
    return Finding("exposure", PASS, words, {"candidate": seen, "total": total, "share": period.share, **_e(log_e)})


def errors(periods: Sequence[Period]) -> Finding:
    """The candidate fails more often than the active version."""
    log_e = sum(log_excess(*_errors(one), one.share) for one in periods)
    return _rate_finding("errors", "fails", periods, "errors", log_e, ERROR_ALPHA)


def alerts(periods: Sequence[Period]) -> Finding:
    """The candidate calls fraud more often, beyond what is tolerated."""
    log_e = sum(log_excess(*_alerts(one), tilted(one.share, ALERT_RATIO)) for one in periods)
    return _rate_finding("alerts", "flags", periods, "alerts", log_e, ALERT_ALPHA)


def silence(periods: Sequence[Period]) -> Finding:
    """The candidate calls fraud less than half as often."""
    log_e = sum(log_shortfall(*_alerts(one), tilted(one.share, SILENCE_RATIO)) for one in periods)
    return _rate_finding("silence", "flags", periods, "alerts", log_e, SILENCE_ALPHA)


def latency(candidate: Moments, active: Moments, alpha: float) -> Finding:
    """The mean answer takes a quarter longer, and at least 5 ms."""
    allowed = max(LATENCY_FLOOR_MS, LATENCY_RATIO * active.mean)
    found = difference(candidate, active, alpha)
    return _mean_finding("latency", "ms", candidate, active, found, found.low > allowed, allowed)


def scores(candidate: Moments, active: Moments, alpha: float) -> Finding:
    """The mean risk score lies elsewhere altogether."""
    found = difference(candidate, active, alpha)
    harm = found.low > SCORE_POINTS or found.high < -SCORE_POINTS
    return _mean_finding("scores", "points", candidate, active, found, harm, SCORE_POINTS)


def labels(found: Labels, floor: float) -> Finding:
    """F1 on mature labels is below the floor for certain."""
    low, high = f1_bounds(found, 2 * LABEL_ALPHA)
    state = HARM if high < floor else PASS if found.n else UNKNOWN
    words = f"F1 between {low:.2f} and {high:.2f} on {found.n} labels that count, {floor:.2f} asked for"
    return Finding("labels", state, words, {"n": found.n, "f1_low": low, "f1_high": high, "floor": floor})


def f1_bounds(found: Labels, alpha: float) -> tuple[float, float]:
    """A confidence sequence of F1: with q = tp / (tp + fp + fn), a proportion, F1 = 2q / (1 + q) grows with q."""
    low, high = proportion_bounds(found.true_positives, found.n, alpha)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def _rate_finding(name: str, verb: str, periods: Sequence[Period], field: str, log_e: float, alpha: float) -> Finding:
    one = combined(period.candidate for period in periods)
    other = combined(period.active for period in periods)
    x, y = getattr(one, field), getattr(other, field)
    state = HARM if log_e >= -log(alpha) else PASS if x + y else UNKNOWN
    words = f"{verb} {_rate(x, one)}, the active version {_rate(y, other)}"
    numbers = {"candidate": x, "candidate_requests": one.requests, "active": y, "active_requests": other.requests}
    return Finding(name, state, words, {**numbers, **_e(log_e), "alpha": alpha})


def _mean_finding(
    name: str, unit: str, one: Moments, other: Moments, found: Interval, harm: bool, allowed: float
) -> Finding:
    known = min(one.n, other.n) >= MEANS_NEED
    state = UNKNOWN if not known else HARM if harm else PASS
    words = f"mean {one.mean:.1f} {unit}, the active version {other.mean:.1f}"
    words += f"; difference between {found.low:.1f} and {found.high:.1f}" if known else f"; {one.n} seen"
    numbers = {"candidate": one.mean, "active": other.mean, "n": one.n, "active_n": other.n, "allowed": allowed}
    return Finding(name, state, words, {**numbers, "low": found.low, "high": found.high} if known else numbers)


def _rate(events: int, figures: Figures) -> str:
    share = f" ({events / figures.requests:.2%})" if figures.requests else ""
    return f"{events} of {figures.requests}{share}"


def _errors(period: Period) -> tuple[int, int]:
    return period.candidate.errors, period.candidate.errors + period.active.errors


def _alerts(period: Period) -> tuple[int, int]:
    return period.candidate.alerts, period.candidate.alerts + period.active.alerts


def _mismatch(period: Period) -> float:
    total = period.candidate.requests + period.active.requests
    return log_evidence(period.candidate.requests, total, period.share, MISMATCH_CONCENTRATION)


def _as_exposed(period: Period) -> Period:
    """The period with the share really seen where that differs for certain (one entity may be half the traffic)."""
    total = period.candidate.requests + period.active.requests
    if not period.candidate.requests or not period.active.requests or _mismatch(period) < log(MISMATCH_E):
        return period
    return msgspec.structs.replace(period, share=period.candidate.requests / total)


def _e(log_e: float) -> dict[str, float]:
    return {"e_value": exp(min(log_e, 700.0)), "p_value": as_probability(log_e)}
