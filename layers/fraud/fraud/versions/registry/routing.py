"""The routing record and its history: moved by one transaction."""

from collections.abc import Iterator, Sequence

import msgspec

from fraud import settings
from fraud.audit import chain
from fraud.errors import ApprovalRequiredError, ChangedMeanwhileError, VersionNotReadyError
from fraud.traffic import routing
from fraud.traffic.routing import Routing
from fraud.versions import keys
from fraud.versions.registry.approvals import ApprovalRecords
from fraud.versions.registry.table import CONDITION_FAILED, Item

ACTIONS = {
    routing.ACTIVATE: "version.activated",
    routing.PROMOTE: "version.promoted",
    routing.ROLLBACK: "version.rolled_back",
    routing.ROLLOUT: "rollout.started",
    routing.STEP: "rollout.stepped",
    routing.ABORT: "rollout.aborted",
    routing.WITHDRAW: "rollout.rolled_back",
    routing.COMPLETE: "rollout.completed",
    routing.EXPERIMENT: "experiment.started",
    routing.STOP: "experiment.stopped",
}


class RoutingRecords(ApprovalRecords):
    """Reads and moves the pointer."""

    def routing(self) -> Routing | None:
        """The current routing record, None before the first activation."""
        item = self.get(keys.ROUTING, keys.CURRENT)
        return msgspec.convert(item, Routing) if item else None

    def revision(self, revision: int) -> Routing:
        """One entry of the routing history."""
        return msgspec.convert(self.get(keys.ROUTING, keys.revision_sk(revision)), Routing)

    def revisions(self) -> Iterator[Routing]:
        """The routing history, newest first."""
        for item in self.query(keys.ROUTING, prefix="REV#", newest_first=True):
            yield msgspec.convert(item, Routing)

    def move(self, current: Routing | None, following: Routing, also: Sequence[Item] = ()) -> Routing:
        """Make `following` the routing record, if `current` still is it and what newly serves may serve.

        One transaction: versions that begin to serve are READY, not condemned and, where approval is required, approved
        (a rollback needs none: it returns to what served); the record still has the revision read, the history entry
        is new, `also` (a rollout's record, a condemnation) holds, the audit entry follows the last one. Raises
        VersionNotReadyError, ApprovalRequiredError or ChangedMeanwhileError. A change whose reply was lost is found
        again by its change id.
        """
        beginning = _beginning(current, following)

        def settle(reasons: tuple[str, ...]) -> Routing | None:
            if self._is_ours(following):
                return following
            for index, version in enumerate(beginning):
                if CONDITION_FAILED in reasons[2 * index : 2 * index + 2]:
                    self.version(version)
                    raise VersionNotReadyError(f"version {version} is condemned, so it may not serve")
            if CONDITION_FAILED in reasons[len(items) - len(approved) :]:
                words = f"{' and '.join(beginning)} must be approved by somebody other than the deployer"
                raise ApprovalRequiredError(words)
            if CONDITION_FAILED in reasons:
                raise ChangedMeanwhileError(f"routing moved on from revision {following.revision - 1}")
            return None

        needs = settings.approval_required() and following.kind != routing.ROLLBACK
        approved = [self.approved(version) for version in beginning] if needs else []
        checks = [check for version in beginning for check in self.may_serve(version)]
        items = [*checks, *self._moves(current, following), *also, *approved]
        return self.with_audit(items, lambda head: _entry(head, following), settle) or following

    def _is_ours(self, following: Routing) -> bool:
        item = self.get(keys.ROUTING, keys.revision_sk(following.revision)) or {}
        return item.get("change_id") == following.change_id

    def _moves(self, current: Routing | None, following: Routing) -> list[Item]:
        record = msgspec.to_builtins(following)
        pointer = {"pk": keys.ROUTING, "sk": keys.CURRENT, **record}
        history = {"pk": keys.ROUTING, "sk": keys.revision_sk(following.revision), **record}
        if current is None:
            return [self.put_new(pointer), self.put_new(history)]
        unmoved = self.put(pointer, "revision = :read", {":read": current.revision})
        return [unmoved, self.put_new(history)]


def _beginning(current: Routing | None, following: Routing) -> list[str]:
    """The versions that `following` puts to use and `current` does not; a shadow, too, must be allowed to serve."""
    before = {current.active, current.split.candidate if current.split else ""} if current else set()
    after = [following.active, *([following.split.candidate] if following.split else [])]
    moved = following.kind in routing.MOVES
    return [version for version in after if version not in before or (moved and version == following.active)]


def _entry(head: chain.Entry | None, following: Routing) -> chain.Entry:
    details = {"revision": following.revision, "previous": following.previous, "why": following.why}
    if following.split:
        details["split"] = msgspec.to_builtins(following.split)
    if following.evidence:
        details["evidence"] = following.evidence
    return chain.append(
        head,
        at=following.at,
        actor=following.by,
        action=ACTIONS[following.kind],
        subject=following.subject,
        details=details,
    )
