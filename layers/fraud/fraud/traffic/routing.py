"""The routing record: which version is active, since when, and where a rollback leads.

Every change appends a revision. A revision has a *position*: an activation opens a new one whose `parent` is the
position it left; a rollback returns to an earlier position. Walking parents therefore visits what really served
before, however often one rolls back.
"""

from collections.abc import Callable

import msgspec


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of the routing record."""

    revision: int
    active: str
    previous: str | None
    kind: str
    position: int
    parent: int | None
    at: str
    by: str
    why: str
    change_id: str


NONE_YET = 0


def activation(current: Routing | None, version: str, *, at: str, by: str, why: str, change_id: str) -> Routing:
    """The revision that makes `version` active after `current`."""
    revision = (current.revision if current else NONE_YET) + 1
    return Routing(
        revision=revision,
        active=version,
        previous=current.active if current else None,
        kind="activate",
        position=revision,
        parent=current.position if current else None,
        at=_not_before(at, current),
        by=by,
        why=why,
        change_id=change_id,
    )


def rollback(current: Routing, target: Routing, *, at: str, by: str, why: str, change_id: str) -> Routing:
    """The revision that returns to the position of `target`."""
    return Routing(
        revision=current.revision + 1,
        active=target.active,
        previous=current.active,
        kind="rollback",
        position=target.position,
        parent=target.parent,
        at=_not_before(at, current),
        by=by,
        why=why,
        change_id=change_id,
    )


def rollback_target(
    current: Routing, revision: Callable[[int], Routing], may_serve: Callable[[str], bool]
) -> Routing | None:
    """The nearest earlier position whose version differs and may serve; None when there is none."""
    parent = current.parent
    while parent is not None:
        candidate = revision(parent)
        if candidate.active != current.active and may_serve(candidate.active):
            return candidate
        parent = candidate.parent
    return None


def _not_before(at: str, current: Routing | None) -> str:
    """Revisions never go back in time, even when clocks do: `active?at=` relies on it."""
    return max(at, current.at) if current else at
