"""The routing record: which version is active, which is candidate with what share, and where a rollback leads.

Every change appends a revision. A revision has a *position*: an activation opens a new one whose `parent` is the
position it left; a rollback returns to an earlier position. Walking parents therefore visits what really served
before, however often one rolls back. What happens to a candidate on the way changes no position.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from fraud.traffic.assignment import gets_candidate

ACTIVATE, PROMOTE, ROLLBACK = "activate", "promote", "rollback"
MOVES = (ACTIVATE, PROMOTE, ROLLBACK)
ROLLOUT, STEP, ABORT, WITHDRAW, COMPLETE = "rollout", "step", "abort", "withdraw", "complete"
EXPERIMENT, STOP = "experiment", "stop"
SHADOW = "shadow"


class Cause(msgspec.Struct, frozen=True):
    """Who changes what is live, when and why; `change_id` finds it again when its reply was lost.

    `evidence` is JSON text: the verdict with its numbers, where a rule decided.
    """

    at: str
    by: str
    why: str
    change_id: str
    evidence: str = ""


class Split(msgspec.Struct, frozen=True):
    """A candidate beside the active version: `share` in parts per million, `of` the rollout or experiment it is in."""

    of: str
    strategy: str
    candidate: str
    share: int
    salt: str


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of the routing record; `subject` is the version it is about, `since` when `active` became so."""

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
    since: str = ""
    subject: str = ""
    evidence: str = ""
    split: Split | None = None

    def __post_init__(self) -> None:
        # records of before there were candidates
        msgspec.structs.force_setattr(self, "since", self.since or self.at)
        msgspec.structs.force_setattr(self, "subject", self.subject or self.active)

    def version_for(self, key: str) -> str:
        """The version that answers an entity or transaction."""
        split = self.split
        if split and split.strategy != SHADOW and gets_candidate(split.salt, key, split.share):
            return split.candidate
        return self.active


NONE_YET = 0


def activation(current: Routing | None, version: str, cause: Cause, kind: str = ACTIVATE) -> Routing:
    """The revision that makes `version` active after `current`; whatever candidate there was is one no longer."""
    revision = (current.revision if current else NONE_YET) + 1
    at = _not_before(cause.at, current)
    return Routing(
        revision=revision,
        active=version,
        previous=current.active if current else None,
        kind=kind,
        position=revision,
        parent=current.position if current else None,
        since=at,
        **_signed(cause, at),
    )


def rollback(current: Routing, target: Routing, cause: Cause) -> Routing:
    """The revision that returns to the position of `target`, without a candidate."""
    at = _not_before(cause.at, current)
    return Routing(
        revision=current.revision + 1,
        active=target.active,
        previous=current.active,
        kind=ROLLBACK,
        position=target.position,
        parent=target.parent,
        since=at,
        **_signed(cause, at),
    )


def beside(current: Routing, split: Split | None, cause: Cause, kind: str) -> Routing:
    """The revision that leaves the active version as it is and begins, changes or ends (None) what is beside it."""
    concerned = split or current.split
    return msgspec.structs.replace(
        current,
        revision=current.revision + 1,
        kind=kind,
        split=split,
        subject=concerned.candidate if concerned else current.active,
        **_signed(cause, _not_before(cause.at, current)),
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


def _signed(cause: Cause, at: str) -> dict[str, Any]:
    return {**msgspec.structs.asdict(cause), "at": at}


def _not_before(at: str, current: Routing | None) -> str:
    """Revisions never go back in time, even when clocks do: `active?at=` relies on it."""
    return max(at, current.at) if current else at
