"""The audit chain in the registry table: entries are written in the transaction of the change they tell of."""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from fraud.audit import chain
from fraud.audit.examine import Stored
from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.clock import now, rfc3339
from fraud.errors import ChangedMeanwhileError
from fraud.versions import keys
from fraud.versions.registry.table import Item, Table

AUDIT_ATTEMPTS = 12
Decided = TypeVar("Decided")
Settle = Callable[[tuple[str, ...]], Decided | None]


class AuditTrail(Table):
    """Appends to and reads the chain."""

    def audit_entries(self) -> list[chain.Entry]:
        """The whole chain, oldest first."""
        items = self.query(keys.AUDIT, prefix="SEQ#")
        return [msgspec.json.decode(item["entry"], type=chain.Entry) for item in items]

    def audit_stored(self) -> list[Stored]:
        """What lies where the chain should, readable or not, in order of position."""
        return [_stored(item) for item in self.query(keys.AUDIT, prefix="SEQ#")]

    def audit_page(self, before: int | None, limit: int) -> list[Stored]:
        """Up to `limit` entries before a position, or the last ones; newest first."""
        last = keys.audit_sk(before - 1 if before is not None else keys.AUDIT_MAX)
        page = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=to_attributes({":pk": keys.AUDIT, ":first": keys.audit_sk(0), ":last": last}),
            ScanIndexForward=False,
            Limit=limit,
            ConsistentRead=True,
        )
        return [_stored(from_attributes(item)) for item in page["Items"]]

    def audit_head(self) -> chain.Entry | None:
        """The last entry, or None."""
        item = self.get(keys.AUDIT, keys.AUDIT_HEAD)
        return msgspec.json.decode(item["entry"], type=chain.Entry) if item else None

    def audit(self, head: chain.Entry | None, entry: chain.Entry) -> list[Item]:
        """The transaction items that append `entry` after `head`."""
        text = msgspec.json.encode(entry).decode()
        record = {"pk": keys.AUDIT, "sk": keys.audit_sk(entry.sequence), "hash": entry.hash, "entry": text}
        pointer = {"pk": keys.AUDIT, "sk": keys.AUDIT_HEAD, "hash": entry.hash, "entry": text}
        if head is None:
            return [self.put_new(record), self.put_new(pointer)]
        return [self.put_new(record), self.put(pointer, "#hash = :head", {":head": head.hash}, "hash")]

    def note(self, action: str, subject: str, *, actor: str, details: dict[str, Any]) -> None:
        """An entry about something that is no change of the registry."""

        def entry(head: chain.Entry | None) -> chain.Entry:
            return chain.append(head, at=rfc3339(now()), actor=actor, action=action, subject=subject, details=details)

        self.with_audit([], entry, lambda _: None)

    def with_audit(
        self,
        items: Sequence[Item],
        entry: Callable[[chain.Entry | None], chain.Entry],
        settle: Settle[Decided],
    ) -> Decided | None:
        """Apply `items` with their audit entry in one transaction; None when it was applied.

        Otherwise `settle(reasons)` looks at why the items themselves were refused (it returns a decision, or None when
        only the audit head had moved on, or raises); without a decision the transaction is tried again.
        """
        for number in range(AUDIT_ATTEMPTS):
            head = self.audit_head()
            reasons = self.transact([*items, *self.audit(head, entry(head))])
            if reasons is None:
                return None
            decided = settle(reasons[: len(items)])
            if decided is not None:
                return decided
            time.sleep(random.uniform(0, 0.02 * 2 ** min(number, 5)))  # noqa: S311 -- jitter, not a secret
        raise ChangedMeanwhileError("too many control actions at once: try again")


def _stored(item: Item) -> Stored:
    position = int(str(item["sk"]).removeprefix("SEQ#"))
    try:
        return Stored(position, msgspec.json.decode(item["entry"], type=chain.Entry))
    except (KeyError, TypeError, msgspec.DecodeError):
        return Stored(position, None)
