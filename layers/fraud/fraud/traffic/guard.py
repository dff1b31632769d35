"""The guard of the active version: is it, for certain, worse than what one may expect of it?

It has nothing to be compared with at the same time, so it is compared with the version before it, over the day before,
and with floors that no passing disturbance reaches.
"""

from math import inf, log

from fraud.traffic.figures import Figures, Labels
from fraud.traffic.guardrails import HARM, MEANS_NEED, PASS, UNKNOWN, Finding, f1_bounds
from fraud.traffic.rollout import ROLL_BACK, WAIT, Verdict
from fraud.traffic.sequential.means import mean_interval
from fraud.traffic.sequential.rates import log_excess, proportion_bounds

WATCHED_HOURS = 24  # after an activation, and before it for the baseline
ERROR_FLOOR = 0.02  # no version is taken back for fewer failures than this
LATENCY_RATIO, LATENCY_FLOOR_MS = 2.0, 20.0
ALPHA = 0.002


def judge(version: Figures, baseline: Figures, labels: Labels, f1_floor: float) -> Verdict:
    """Roll back on proven harm, else go on watching."""
    found = [_errors(version, baseline), _latency(version, baseline), _labels(labels, f1_floor)]
    against = [f"{one.guardrail}: {one.words}" for one in found if one.state == HARM]
    return Verdict(ROLL_BACK if against else WAIT, "; ".join(against) or "no harm seen", found)


def _errors(version: Figures, baseline: Figures) -> Finding:
    """More failures than the upper bound of the baseline's rate; the E-value of a binomial rate has the same form."""
    before = proportion_bounds(baseline.errors, baseline.requests, ALPHA)[1] if baseline.requests else 0.0
    allowed = min(0.5, max(ERROR_FLOOR, before))
    log_e = log_excess(version.errors, version.requests, allowed)
    state = HARM if log_e >= -log(ALPHA) else PASS if version.requests else UNKNOWN
    words = f"{version.errors} of {version.requests} requests failed, {allowed:.1%} may"
    numbers = {"errors": version.errors, "requests": version.requests, "allowed": allowed, "log_e": log_e}
    return Finding("errors", state, words, numbers)


def _latency(version: Figures, baseline: Figures) -> Finding:
    now, before = version.latency, baseline.latency
    if min(now.n, before.n) < MEANS_NEED:
        return Finding("latency", UNKNOWN, f"{now.n} answers, {before.n} before", {"n": now.n, "before": before.n})
    low, high = mean_interval(now, ALPHA).low, mean_interval(before, ALPHA).high
    allowed = max(LATENCY_RATIO * high, high + LATENCY_FLOOR_MS)
    words = f"mean {now.mean:.1f} ms, at least {low:.1f}; {allowed:.1f} allowed after {before.mean:.1f}"
    numbers = {"mean": now.mean, "low": low, "before": before.mean, "allowed": min(allowed, inf)}
    return Finding("latency", HARM if low > allowed else PASS, words, numbers)


def _labels(labels: Labels, floor: float) -> Finding:
    low, high = f1_bounds(labels, ALPHA)
    state = HARM if high < floor else PASS if labels.n else UNKNOWN
    words = f"F1 between {low:.2f} and {high:.2f} on {labels.n} mature labels that count, {floor:.2f} asked for"
    return Finding("labels", state, words, {"n": labels.n, "f1_low": low, "f1_high": high, "floor": floor})
