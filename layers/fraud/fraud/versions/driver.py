"""The tick: each minute the rollout in progress is looked at and moved, and the active version is guarded.

Every change is conditional on the routing record the decision was made from, so a tick that comes twice, late or
beside a person changes nothing twice.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from fraud.clock import parse_rfc3339, rfc3339
from fraud.errors import ChangedMeanwhileError
from fraud.observability import log, metrics
from fraud.traffic import guard, routing
from fraud.traffic.figures import Figures, FiguresSource, Period
from fraud.traffic.rollout import EVERYBODY, ROLL_BACK, SHADOW, WAIT, Rollout, Verdict, decide
from fraud.traffic.routing import Routing
from fraud.versions import lifecycle, rollouts
from fraud.versions.changes import cause
from fraud.versions.condemnation import Condemnation
from fraud.versions.registry import Registry

OBEYED = timedelta(seconds=5)  # how long instances may still follow the routing record of before
COOLDOWN = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
Problem = Callable[[str], str | None]


class Driver:
    """Looks and acts. `problem(version)` says why a version cannot be loaded and scored, if it cannot."""

    def __init__(self, registry: Registry, source: FiguresSource, problem: Problem, f1_floor: float) -> None:
        self._registry, self._source, self._problem, self._f1_floor = registry, source, problem, f1_floor

    def tick(self, now: datetime) -> str:
        """What was done, in a word: nothing, wait, or one of the actions; somebody else's change puts it off."""
        current = self._registry.routing()
        if current is None:
            return "nothing"
        try:
            return self._guard(current, now) or self._drive(current, now) or "nothing"
        except ChangedMeanwhileError:
            return WAIT

    def _drive(self, current: Routing, now: datetime) -> str | None:
        rollout = rollouts.present(self._registry, current)
        if rollout is None:
            return None
        verdict = msgspec.structs.replace(self._verdict(rollout, now), at=rfc3339(now), percent=rollout.percent)
        self._registry.save_verdict(rollout.rollout_id, verdict)
        rollouts.carry_out(self._registry, current, rollout, verdict)
        _tell(rollout.version, verdict)
        return verdict.action

    def _verdict(self, rollout: Rollout, now: datetime) -> Verdict:
        problem = self._problem(rollout.version)
        if problem:
            return Verdict(ROLL_BACK, f"model: {problem}", [])
        return decide(rollout, self._periods(rollout, now), now, self._f1_floor)

    def _periods(self, rollout: Rollout, now: datetime) -> list[Period]:
        if rollout.strategy == SHADOW:
            return [self._source.shadowed(rollout.rollout_id)]
        starts = [parse_rfc3339(step.started_at) for step in rollout.done]
        ends = [*(start.replace(second=0, microsecond=0) for start in starts[1:]), now]
        found = [
            Period(
                step.percent / EVERYBODY,
                self._figures(rollout.version, settled(start), end),
                self._figures(rollout.baseline, settled(start), end),
            )
            for step, start, end in zip(rollout.done, starts, ends, strict=True)
        ]
        labels = self._source.labels(rollout.version, starts[0])
        labelled = msgspec.structs.replace(found[-1].candidate, labels=labels)
        return [*found[:-1], msgspec.structs.replace(found[-1], candidate=labelled)]

    def _figures(self, version: str, since: datetime, until: datetime) -> Figures:
        return self._source.figures(version, since, until) if since < until else Figures()

    def _guard(self, current: Routing, now: datetime) -> str | None:
        """Take the active version back on proven harm, unless that has just happened or there is nowhere to go."""
        verdict = self._judged(current, now)
        if verdict.action != ROLL_BACK:
            return None
        target = lifecycle.target_of(self._registry, current)
        if target is None or _cooling(current, now) or self._problem(target.active):
            log("rollback_withheld", level="ERROR", version=current.active, why=verdict.words, nowhere=target is None)
            return None
        told = cause(rollouts.DRIVER, verdict.words, msgspec.json.encode(verdict).decode())
        condemned = Condemnation(version=current.active, why=told.why, by=told.by, at=told.at, evidence=told.evidence)
        lifecycle.roll_back_to(self._registry, current, target, told, condemned)
        _tell(current.active, verdict)
        return verdict.action

    def _judged(self, current: Routing, now: datetime) -> Verdict:
        problem = self._problem(current.active)
        if problem:
            return Verdict(ROLL_BACK, f"model: {problem}", [], rfc3339(now))
        since, watched = parse_rfc3339(current.since), timedelta(hours=guard.WATCHED_HOURS)
        labels = self._source.labels(current.active, since)
        recent, before = Figures(), Figures()
        if now < since + watched:
            recent = self._figures(current.active, settled(since), now)
            before = self._before(current, since - watched, since)
        return msgspec.structs.replace(guard.judge(recent, before, labels, self._f1_floor), at=rfc3339(now))

    def _before(self, current: Routing, since: datetime, until: datetime) -> Figures:
        return self._figures(current.previous, since, until) if current.previous else Figures()


def settled(moment: datetime) -> datetime:
    """The first full minute in which every instance obeys a change made at a moment."""
    obeyed = moment + OBEYED
    return obeyed.replace(second=0, microsecond=0) + MINUTE


def _cooling(current: Routing, now: datetime) -> bool:
    automatic = current.kind == routing.ROLLBACK and current.by == rollouts.DRIVER
    return automatic and now < parse_rfc3339(current.at) + COOLDOWN


def _tell(version: str, verdict: Verdict) -> None:
    log("rollout", version=version, action=verdict.action, why=verdict.words)
    if verdict.action == ROLL_BACK:
        metrics({"AutomaticRollbacks": (1, "count")}, version=version)
