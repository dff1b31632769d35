"""Rollouts: begin one, move it on, end it; each a single transaction with its history and audit entry."""

import secrets
from collections.abc import Sequence

import msgspec

from fraud.clock import ulid
from fraud.errors import ChangedMeanwhileError, ConflictError, NotFoundError
from fraud.traffic import routing
from fraud.traffic.assignment import parts
from fraud.traffic.rollout import COMPLETED, ROLLED_BACK, SHADOW, Rollout, Step, Verdict
from fraud.traffic.routing import Cause, Routing, Split
from fraud.versions import lifecycle
from fraud.versions.changes import Change, cause, refuse_second, settle
from fraud.versions.condemnation import Condemnation
from fraud.versions.registry import Registry

DRIVER = "rollout"  # who acts when a rule decides


class Plan(msgspec.Struct, frozen=True):
    """How a candidate is to take over."""

    strategy: str
    steps: tuple[int, ...]
    bake_minutes: float


def begin(registry: Registry, version: str, plan: Plan, *, by: str, why: str) -> tuple[Rollout, Routing]:
    """Put a READY version beside the active one; it answers the first step's share, a shadow answers nobody.

    Raises ConflictError when nothing is active, when it is active already, or when another rollout or an experiment
    is in progress; VersionNotFoundError, VersionNotReadyError, ChangedMeanwhileError.
    """

    def attempt() -> tuple[Rollout, Routing]:
        current, told = registry.routing(), cause(by, why)
        refuse_second(current)
        if current is None:
            raise ConflictError(f"nothing is active beside which {version} could run", code="nothing_active")
        if current.active == version:
            raise ConflictError(f"{version} is active already", code="already_active")
        rollout = _made(version, plan, current, told)
        following = routing.beside(current, split_of(rollout), told, routing.ROLLOUT)
        return rollout, registry.move(current, following, registry.begun(rollout))

    return settle(attempt)


def abort(registry: Registry, rollout_id: str, *, by: str, why: str) -> Rollout:
    """End a running rollout; the active version goes on alone. NotFoundError, ConflictError when it has ended."""

    def attempt() -> Rollout:
        current, rollout = registry.routing(), found(registry, rollout_id)
        if current is None or current.split is None or current.split.of != rollout_id:
            raise ConflictError(f"rollout {rollout_id} has ended: {rollout.state}", code="already_ended")
        lifecycle.end_beside(registry, current, cause(by, why))
        return found(registry, rollout_id)

    return settle(attempt)


def carry_out(registry: Registry, current: Routing, rollout: Rollout, verdict: Verdict) -> None:
    """Do what a verdict says; raises ChangedMeanwhileError when the routing record moved on."""
    match verdict.action:
        case "roll_back":
            withdraw(registry, current, rollout, verdict)
        case "advance":
            advance(registry, current, rollout, verdict)
        case "promote":
            promote(registry, current, rollout, verdict)
        case "complete":
            complete(registry, current, verdict)


def advance(registry: Registry, current: Routing, rollout: Rollout, verdict: Verdict) -> Change:
    """On to the next step."""
    told = _told(verdict)
    grown = msgspec.structs.replace(rollout, done=(*rollout.done, Step(rollout.following, told.at)))
    following = routing.beside(current, split_of(grown), told, routing.STEP)
    return _moved(registry.move(current, following, [registry.changed(grown)]))


def promote(registry: Registry, current: Routing, rollout: Rollout, verdict: Verdict) -> Change:
    """The candidate takes over."""
    return lifecycle.takes_over(registry, current, rollout.version, _told(verdict), routing.PROMOTE)


def complete(registry: Registry, current: Routing, verdict: Verdict) -> Change:
    """A shadow has shown enough; it is for people to go on."""
    return _without(registry, current, _told(verdict), routing.COMPLETE, COMPLETED)


def withdraw(registry: Registry, current: Routing, rollout: Rollout, verdict: Verdict) -> Change:
    """Take the candidate back and condemn it, with the evidence; a shadow harmed nobody, so it is only ended."""
    told = _told(verdict)
    condemned = Condemnation(version=rollout.version, why=told.why, by=DRIVER, at=told.at, evidence=told.evidence)
    also = [] if rollout.strategy == SHADOW else [registry.condemned(condemned)]
    return _without(registry, current, told, routing.WITHDRAW, ROLLED_BACK, also)


def found(registry: Registry, rollout_id: str) -> Rollout:
    """The rollout; raises NotFoundError."""
    rollout = registry.rollout(rollout_id)
    if rollout is None:
        raise NotFoundError(f"there is no rollout {rollout_id}")
    return rollout


def split_of(rollout: Rollout) -> Split:
    """The rollout's present step as the routing record says it."""
    return Split(rollout.rollout_id, rollout.strategy, rollout.version, parts(rollout.percent), rollout.salt)


def present(registry: Registry, current: Routing) -> Rollout | None:
    """The rollout in progress; ChangedMeanwhileError when its record is ahead of the routing record read."""
    if current.split is None or current.split.strategy == routing.EXPERIMENT:
        return None
    rollout = found(registry, current.split.of)
    if split_of(rollout) != current.split:
        raise ChangedMeanwhileError(f"rollout {rollout.rollout_id} moved on from revision {current.revision}")
    return rollout


def _made(version: str, plan: Plan, current: Routing, told: Cause) -> Rollout:
    first = 0 if plan.strategy == SHADOW else plan.steps[0]
    return Rollout(
        rollout_id=ulid(),
        version=version,
        baseline=current.active,
        strategy=plan.strategy,
        steps=() if plan.strategy == SHADOW else plan.steps,
        bake_minutes=plan.bake_minutes,
        salt=secrets.token_hex(8),
        by=told.by,
        reason=told.why,
        started_at=told.at,
        done=(Step(first, told.at),),
    )


def _without(
    registry: Registry, current: Routing, told: Cause, kind: str, state: str, also: Sequence[dict[str, object]] = ()
) -> Change:
    following = routing.beside(current, None, told, kind)
    return _moved(registry.move(current, following, [*registry.ending(current, told, state), *also]))


def _told(verdict: Verdict) -> Cause:
    return cause(DRIVER, verdict.words, msgspec.json.encode(verdict).decode())


def _moved(moved: Routing) -> Change:
    return Change(moved.previous, moved.active, moved.revision)
