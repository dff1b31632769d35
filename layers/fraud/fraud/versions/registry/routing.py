"""The routing record and its history: moved by one transaction."""

from collections.abc import Iterator

import msgspec

from fraud.audit import chain
from fraud.errors import ChangedMeanwhileError, VersionNotReadyError
from fraud.traffic.routing import Routing
from fraud.versions import keys
from fraud.versions.registry.table import CONDITION_FAILED, Item
from fraud.versions.registry.versions import VersionRecords
from fraud.versions.version import READY

ACTIONS = {"activate": "activated", "rollback": "rolled_back"}


class RoutingRecords(VersionRecords):
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

    def move(self, current: Routing | None, following: Routing) -> Routing:
        """Make `following` the routing record, if `current` still is it and the target may serve.

        One transaction: the version is READY and not condemned, the record still has the revision read, the history
        entry is new, the audit entry follows the last one. Raises VersionNotReadyError or ChangedMeanwhileError.
        A change whose reply was lost is found again by its change id.
        """

        def entry(head: chain.Entry | None) -> chain.Entry:
            return chain.append(
                head,
                at=following.at,
                actor=following.by,
                action=f"version.{ACTIONS[following.kind]}",
                subject=following.active,
                details={
                    "revision": following.revision,
                    "previous": following.previous,
                    "why": following.why,
                },
            )

        def settle(reasons: tuple[str, ...]) -> Routing | None:
            if self._is_ours(following):
                return following
            if CONDITION_FAILED in reasons[:2]:
                self.version(following.active)
                raise VersionNotReadyError(f"version {following.active} is condemned, so it may not serve")
            if CONDITION_FAILED in reasons:
                raise ChangedMeanwhileError(f"routing moved on while {following.active} was to be made active")
            return None

        items = [*self._may_serve(following.active), *self._moves(current, following)]
        return self.with_audit(items, entry, settle) or following

    def _is_ours(self, following: Routing) -> bool:
        item = self.get(keys.ROUTING, keys.revision_sk(following.revision)) or {}
        return item.get("change_id") == following.change_id

    def _may_serve(self, version: str) -> list[Item]:
        pk = keys.version_pk(version)
        return [
            self.check(pk, keys.META, "#status = :ready", {":ready": READY}, "status"),
            self.check(pk, keys.CONDEMNED, "attribute_not_exists(pk)", {}),
        ]

    def _moves(self, current: Routing | None, following: Routing) -> list[Item]:
        record = msgspec.to_builtins(following)
        pointer = {"pk": keys.ROUTING, "sk": keys.CURRENT, **record}
        history = {"pk": keys.ROUTING, "sk": keys.revision_sk(following.revision), **record}
        if current is None:
            return [self.put_new(pointer), self.put_new(history)]
        unmoved = self.put(pointer, "revision = :read", {":read": current.revision})
        return [unmoved, self.put_new(history)]
