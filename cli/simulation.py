"""Synthetic traffic for the decision code that runs in production: what would a rollout of such a version come to?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
import numpy as np

from fraud.clock import rfc3339
from fraud.traffic.figures import Figures, Period, combined
from fraud.traffic.rollout import ADVANCE, CANARY, WAIT, Rollout, Step, Verdict, decide
from fraud.traffic.sequential.means import Moments

START = datetime(2026, 1, 1, tzinfo=UTC)


class Behaviour(NamedTuple):
    """What a version does to each request."""

    errors: float = 0.001
    alerts: float = 0.005
    latency_ms: float = 3.0
    score: float = 8.0


class Looked(NamedTuple):
    """One tick of a simulated rollout; `requests` of both arms so far."""

    rollout: Rollout
    verdict: Verdict
    requests: int


def simulated(
    candidate: Behaviour,
    active: Behaviour,
    *,
    steps: tuple[int, ...] = (5, 25, 100),
    bake_minutes: float = 10,
    requests_per_tick: int = 200,
    seed: int = 0,
    ticks: int = 2000,
) -> Iterator[Looked]:
    """Each tick until the rollout ends; a tick is a minute."""
    random, now = np.random.default_rng(seed), START
    rollout, periods, requests = begun(steps, bake_minutes), [empty(steps[0])], 0
    for _ in range(ticks):
        now += timedelta(minutes=1)
        periods[-1] = grown(periods[-1], candidate, active, requests_per_tick, random)
        requests += requests_per_tick
        verdict = decide(rollout, periods, now)
        yield Looked(rollout, verdict, requests)
        if verdict.action == ADVANCE:
            step = Step(rollout.following, rfc3339(now))
            rollout = msgspec.structs.replace(rollout, done=(*rollout.done, step))
            periods.append(empty(step.percent))
        elif verdict.action != WAIT:
            return


def begun(steps: tuple[int, ...], bake_minutes: float) -> Rollout:
    """A canary at its first step."""
    at = rfc3339(START)
    return Rollout(
        rollout_id="simulated",
        version="candidate",
        baseline="active",
        strategy=CANARY,
        steps=steps,
        bake_minutes=bake_minutes,
        salt="",
        by="simulation",
        reason="",
        started_at=at,
        done=(Step(steps[0], at),),
    )


def empty(percent: int) -> Period:
    """A step nobody has asked anything in."""
    return Period(percent / 100, Figures(), Figures())


def grown(
    period: Period, candidate: Behaviour, active: Behaviour, requests: int, random: np.random.Generator
) -> Period:
    """The period after so many more requests."""
    to_candidate = int(random.binomial(requests, period.share))
    return Period(
        period.share,
        combined([period.candidate, drawn(candidate, to_candidate, random)]),
        combined([period.active, drawn(active, requests - to_candidate, random)]),
    )


def drawn(how: Behaviour, requests: int, random: np.random.Generator) -> Figures:
    """What a version does to so many requests."""
    errors = int(random.binomial(requests, how.errors))
    answered = requests - errors
    latencies = random.lognormal(np.log(how.latency_ms), 0.5, answered)
    risks = np.clip(random.gamma(0.5, 2 * how.score, answered), 0, 100)
    return Figures(
        requests=requests,
        errors=errors,
        alerts=int(random.binomial(answered, how.alerts)),
        latency=_moments(latencies),
        scores=_moments(risks),
    )


def _moments(values: np.ndarray) -> Moments:
    if not len(values):
        return Moments(0, 0.0, 0.0)
    return Moments(len(values), float(values.mean()), float(values.var(ddof=1)) if len(values) > 1 else 0.0)
