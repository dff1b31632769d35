"""Activation and rollback: the two ways the pointer moves."""

import random
import time
import uuid
from collections.abc import Callable

import msgspec

from fraud.clock import now, rfc3339
from fraud.errors import ChangedMeanwhileError, NoRollbackTargetError, NotFoundError
from fraud.traffic import routing
from fraud.traffic.routing import NONE_YET, Routing
from fraud.versions.registry import Registry
from fraud.versions.version import READY

ATTEMPTS = 10


class Change(msgspec.Struct, frozen=True):
    """What a change of routing did: the version that served before and the revision that serves now."""

    previous: str | None
    current: str
    revision: int


def activate_version(registry: Registry, version: str, *, by: str, why: str, at_revision: int | None = None) -> Change:
    """Make a READY version the active one; already active is success and writes nothing.

    With `at_revision` (0: nothing active yet) only if that still is the routing record's revision: a decision made by
    comparing with the active version must not outlive it. Raises VersionNotFoundError, VersionNotReadyError,
    ChangedMeanwhileError.
    """

    def attempt() -> Change:
        current = registry.routing()
        if at_revision is not None and at_revision != (current.revision if current else NONE_YET):
            raise ChangedMeanwhileError(f"routing moved on from revision {at_revision}")
        if current and current.active == version:
            return Change(current.previous, version, current.revision)
        following = routing.activation(current, version, at=_at(), by=by, why=why, change_id=_change_id())
        return _changed(registry.move(current, following))

    return _settle(attempt) if at_revision is None else attempt()


def rollback(registry: Registry, *, by: str, why: str) -> Change:
    """Return to the version that really served before, passing over condemned ones.

    Raises NoRollbackTargetError when nothing served before, ChangedMeanwhileError.
    """

    def attempt() -> Change:
        current = registry.routing()
        if current is None:
            raise NoRollbackTargetError("nothing is active, so there is nothing to roll back")
        target = routing.rollback_target(current, registry.revision, lambda name: _may_serve(registry, name))
        if target is None:
            raise NoRollbackTargetError(f"no version that may serve again served before {current.active}")
        following = routing.rollback(current, target, at=_at(), by=by, why=why, change_id=_change_id())
        return _changed(registry.move(current, following))

    return _settle(attempt)


def active_at(registry: Registry, at: str | None) -> Routing:
    """The routing record now, or the one in force at an RFC 3339 moment; NotFoundError when nothing was."""
    if at is None:
        found = registry.routing()
    else:
        found = next((revision for revision in registry.revisions() if revision.at <= at), None)
    if found is None:
        raise NotFoundError("no version was active" + (f" at {at}" if at else " yet"))
    return found


def _may_serve(registry: Registry, version: str) -> bool:
    found = registry.find_version(version)
    return found is not None and found.status == READY


def _settle(attempt: Callable[[], Change]) -> Change:
    """Try again when somebody else moved the record first: the request still means what it meant."""
    for number in range(ATTEMPTS - 1):
        try:
            return attempt()
        except ChangedMeanwhileError:
            time.sleep(random.uniform(0, 0.01 * 2 ** min(number, 6)))  # noqa: S311 -- jitter, not a secret
    return attempt()


def _changed(moved: Routing) -> Change:
    return Change(moved.previous, moved.active, moved.revision)


def _at() -> str:
    return rfc3339(now())


def _change_id() -> str:
    return uuid.uuid4().hex
