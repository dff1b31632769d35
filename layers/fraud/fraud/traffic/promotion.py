"""May a rollout go on? The absence of harm is not enough: there must be exposure, and a bound on the harm to come."""

from collections.abc import Sequence

from fraud.traffic.figures import Period, combined
from fraud.traffic.guardrails import PASS, UNKNOWN, Finding
from fraud.traffic.sequential.rates import proportion_bounds

ALPHA = 0.05
EXPOSURE = 100  # requests the candidate must have had at this step
ERRORS_ALLOWED = 0.02  # of all requests at the next share
ALERTS_ALLOWED = 0.05


def evidence(periods: Sequence[Period], next_share: float) -> list[Finding]:
    """What the next step needs; every finding must pass.

    Harm is what callers as a whole would bear: the next share times the upper bound of the candidate's rate less the
    lower bound of the active version's (confidence sequences at 97.5 % each, over the whole rollout).
    """
    return [
        _exposed(periods[-1].candidate.requests),
        _bounded("errors", periods, next_share, ERRORS_ALLOWED),
        _bounded("alerts", periods, next_share, ALERTS_ALLOWED),
    ]


def _exposed(requests: int) -> Finding:
    state = PASS if requests >= EXPOSURE else UNKNOWN
    words = f"{requests} of the {EXPOSURE} requests the candidate needs at this step"
    return Finding("minimum exposure", state, words, {"requests": requests, "needed": EXPOSURE})


def _bounded(field: str, periods: Sequence[Period], next_share: float, allowed: float) -> Finding:
    one = combined(period.candidate for period in periods)
    other = combined(period.active for period in periods)
    high = proportion_bounds(getattr(one, field), one.requests, ALPHA / 2)[1]
    low = proportion_bounds(getattr(other, field), other.requests, ALPHA / 2)[0]
    harm = next_share * max(0.0, high - low)
    words = f"at {next_share:.0%} at most {harm:.2%} of requests would suffer more {field}, {allowed:.0%} allowed"
    numbers = {"bound": harm, "allowed": allowed, "candidate_high": high, "active_low": low}
    return Finding(f"bound on {field}", PASS if harm <= allowed else UNKNOWN, words, numbers)
