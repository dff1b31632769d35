"""Client records: who may call. Every change is one transaction with its audit entry."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from fraud.access.client import Client, client_pk
from fraud.audit import chain
from fraud.clock import now, rfc3339
from fraud.errors import ChangedMeanwhileError
from fraud.versions import keys
from fraud.versions.registry.audit import AuditTrail
from fraud.versions.registry.table import CONDITION_FAILED, Item

STANDING = "attribute_not_exists(pk) OR attribute_not_exists(revoked_at)"


class Known(NamedTuple):
    """A client and the SHA-256 of its key."""

    digest: str
    client: Client


class ClientRecords(AuditTrail):
    """Stores and finds clients."""

    def put_clients(self, action: str, *changed: Known, actor: str, why: str = "") -> None:
        """Store client records, all or none; raises ChangedMeanwhileError when one was revoked before."""
        first = changed[0]

        def entry(head: chain.Entry | None) -> chain.Entry:
            told = {one.digest[:12]: msgspec.to_builtins(one.client) for one in changed}
            return chain.append(
                head,
                at=rfc3339(now()),
                actor=actor,
                action=f"client.{action}",
                subject=first.client.name,
                details={"after": told, "why": why},
            )

        def settle(reasons: tuple[str, ...]) -> None:
            if CONDITION_FAILED in reasons:
                raise ChangedMeanwhileError(f"a key of client {first.client.name} was revoked, which is for ever")

        self.with_audit([item for one in changed for item in self._items(one)], entry, settle)

    def find_client(self, key_digest: str) -> Client | None:
        """The client of a key, or None."""
        item = self.get(client_pk(key_digest), keys.META)
        return msgspec.convert(item, Client) if item else None

    def clients(self) -> Iterator[Known]:
        """Every client by name, expired and revoked ones included."""
        for item in self.query(keys.CLIENT_LIST):
            found = self.find_client(item["digest"])
            if found:
                yield Known(item["digest"], found)

    def _items(self, known: Known) -> list[Item]:
        record = {name: held for name, held in msgspec.to_builtins(known.client).items() if held is not None}
        listed = {"pk": keys.CLIENT_LIST, "sk": f"{known.client.name}#{known.digest}", "digest": known.digest}
        return [
            self.put({"pk": client_pk(known.digest), "sk": keys.META, **record}, STANDING, {}),
            self.put_any(listed),
        ]
