"""Activation and rollback: the two ways a person moves the pointer."""

from fraud.errors import ChangedMeanwhileError, NoRollbackTargetError, NotFoundError
from fraud.traffic import routing
from fraud.traffic.rollout import PROMOTED
from fraud.traffic.routing import NONE_YET, Cause, Routing
from fraud.versions.changes import Change, cause, refuse_second, settle
from fraud.versions.condemnation import Condemnation
from fraud.versions.registry import Registry
from fraud.versions.version import READY


def activate_version(registry: Registry, version: str, *, by: str, why: str, at_revision: int | None = None) -> Change:
    """Make a READY version the active one; already active is success and writes nothing.

    The candidate of a rollout may be activated, which ends the rollout; any other version may not while a rollout or
    an experiment is in progress. With `at_revision` (0: nothing active yet) only if that still is the routing
    record's revision: a decision made by comparing with the active version must not outlive it. Raises
    VersionNotFoundError, VersionNotReadyError, ChangedMeanwhileError, ConflictError.
    """

    def attempt() -> Change:
        current = registry.routing()
        if at_revision is not None and at_revision != (current.revision if current else NONE_YET):
            raise ChangedMeanwhileError(f"routing moved on from revision {at_revision}")
        if current and current.active == version:
            return Change(current.previous, version, current.revision)
        if not _is_candidate(current, version):
            refuse_second(current)
        return takes_over(registry, current, version, cause(by, why))

    return settle(attempt) if at_revision is None else attempt()


def takes_over(
    registry: Registry, current: Routing | None, version: str, why: Cause, kind: str = routing.ACTIVATE
) -> Change:
    """One try at making a version the active one; a rollout of it has then been promoted."""
    following = routing.activation(current, version, why, kind)
    also = registry.ending(current, why, PROMOTED) if current else []
    return _changed(registry.move(current, following, also))


def rollback(registry: Registry, *, by: str, why: str) -> Change:
    """Return to the version that really served before, passing over condemned ones.

    A rollout or experiment in progress is ended by the same transaction; when nothing served before, ending it is all
    there is to do. Raises NoRollbackTargetError when there is nothing to do at all, ChangedMeanwhileError.
    """

    def attempt() -> Change:
        current = registry.routing()
        if current is None:
            raise NoRollbackTargetError("nothing is active, so there is nothing to roll back")
        target = target_of(registry, current)
        if target is None and current.split:
            return end_beside(registry, current, cause(by, why))
        if target is None:
            raise NoRollbackTargetError(f"no version that may serve again served before {current.active}")
        return roll_back_to(registry, current, target, cause(by, why))

    return settle(attempt)


def target_of(registry: Registry, current: Routing) -> Routing | None:
    """Where a rollback of the active version leads, or None."""

    def may_serve(version: str) -> bool:
        found = registry.find_version(version)
        return found is not None and found.status == READY

    return routing.rollback_target(current, registry.revision, may_serve)


def roll_back_to(
    registry: Registry, current: Routing, target: Routing, why: Cause, condemned: Condemnation | None = None
) -> Change:
    """One try at returning to `target`, condemning what is left behind when told to; one transaction."""
    condemns = [registry.condemned(condemned)] if condemned else []
    also = [*registry.ending(current, why), *condemns]
    return _changed(registry.move(current, routing.rollback(current, target, why), also))


def end_beside(registry: Registry, current: Routing, why: Cause) -> Change:
    """One try at ending what is beside the active version, which goes on alone."""
    kind = routing.STOP if current.split and current.split.strategy == routing.EXPERIMENT else routing.ABORT
    following = routing.beside(current, None, why, kind)
    moved = registry.move(current, following, registry.ending(current, why))
    return Change(following.subject, moved.active, moved.revision)


def active_at(registry: Registry, at: str | None) -> Routing:
    """The routing record now, or the one in force at an RFC 3339 moment; NotFoundError when nothing was."""
    if at is None:
        found = registry.routing()
    else:
        found = next((revision for revision in registry.revisions() if revision.at <= at), None)
    if found is None:
        raise NotFoundError("no version was active" + (f" at {at}" if at else " yet"))
    return found


def _is_candidate(current: Routing | None, version: str) -> bool:
    split = current.split if current else None
    return split is not None and split.candidate == version and split.strategy != routing.EXPERIMENT


def _changed(moved: Routing) -> Change:
    return Change(moved.previous, moved.active, moved.revision)
