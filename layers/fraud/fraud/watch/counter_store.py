"""The counters in the watch table: added to exactly once a record, read back by time.

A shard of the stream hands its records over in order, and again after any failure. The mark of the shard, its last
counted sequence number, moves in the same transaction as the counts do: what is at or below it has been counted.
"""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from fraud.clock import now, parse_rfc3339, rfc3339
from fraud.errors import UnavailableError
from fraud.requests.record import Item
from fraud.versions.registry.table import Table
from fraud.watch.cells import Cell, Slice, merged
from fraud.watch.slices import TOTALS, Count, Key, spans, tally, within

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MARKS = "MARKS"
MARK_KEPT = timedelta(days=7)  # a shard's records live one
LAG_WINDOW = timedelta(minutes=15)
MINUTES_AT_ONCE = 40  # two slices a minute, the versions' totals and the mark: below the 100 items of a transaction
ATTEMPTS = 12
SEQUENCE_DIGITS = 40
Records = Sequence[tuple[str, Item]]


class CounterStore(Table):
    """Counts request records and gives the counts of a span of time."""

    def __init__(self, client: "DynamoDBClient", table: str, retention: timedelta) -> None:
        super().__init__(client, table)
        self._retention = retention

    def count(self, shard: str, records: Records, how: Count) -> int:
        """Count the records of one shard, given with their sequence numbers in order; how many were new.

        All of it happens once however often records are handed over. Raises UnavailableError when others keep
        writing the same slices.
        """
        return sum(self._count(shard, part, how) for part in within(records, MINUTES_AT_ONCE))

    def slices(self, since: datetime, until: datetime) -> Iterator[tuple[str, Slice]]:
        """The slices from `since` (inclusive) to `until` (exclusive, rounded up to the minute) that hold anything,
        with the beginning of each as text; whole hours come as one slice."""
        for pk, first, last in spans(since, until):
            for item in self.between(pk, first, last):
                yield item["sk"], _decoded(item)

    def figures(self, since: datetime, until: datetime, version: str | None = None) -> Cell:
        """Everything counted of a version, or of all, from `since` (inclusive) to `until` (exclusive), by minutes."""
        return merged((held for _, held in self.slices(since, until)), version)

    def totals(self) -> Slice:
        """Everything ever counted of each version that was still counted within the retention."""
        return {name: cell for item in self.query(TOTALS) for name, cell in _decoded(item).items()}

    def lag_seconds(self) -> float | None:
        """How long the last records of a shard counted within LAG_WINDOW had waited; None when none was."""
        since = rfc3339(now() - LAG_WINDOW)
        marks = [mark for mark in self.query(MARKS) if mark["counted_at"] >= since]
        waits = [parse_rfc3339(mark["counted_at"]) - parse_rfc3339(mark["recorded_at"]) for mark in marks]
        return max((wait.total_seconds() for wait in waits), default=None)

    def _count(self, shard: str, records: Records, how: Count) -> int:
        for number in range(ATTEMPTS):
            mark = self.get(MARKS, shard)
            fresh = [one for one in records if mark is None or _sortable(one[0]) > mark["sequence"]]
            if not fresh:
                return 0
            added = tally((item for _, item in fresh), how)
            if self.transact([self._move(shard, mark, *fresh[-1]), *self._adds(added)]) is None:
                return len(fresh)
            time.sleep(random.uniform(0, 0.02 * 2 ** min(number, 5)))  # noqa: S311 -- jitter, not a secret
        raise UnavailableError(f"the counters of shard {shard} kept changing")

    def _move(self, shard: str, mark: Item | None, sequence: str, last: Item) -> Item:
        moved = {
            "pk": MARKS,
            "sk": shard,
            "sequence": _sortable(sequence),
            "recorded_at": last["at"],
            "counted_at": rfc3339(now()),
            "expires_at": int((now() + MARK_KEPT).timestamp()),
        }
        if mark is None:
            return self.put_new(moved)
        return self.put(moved, "#sequence = :read", {":read": mark["sequence"]}, "sequence")

    def _adds(self, added: dict[Key, Slice]) -> Iterator[Item]:
        """Each slice put anew with the counts added, unless somebody else wrote it since it was read."""
        for (pk, sk), more in added.items():
            found = self.get(pk, sk)
            held = _decoded(found) if found else {}
            for key, cell in more.items():
                held.setdefault(key, Cell()).add(cell)
            item = {
                "pk": pk,
                "sk": sk,
                "written": int(found["written"]) + 1 if found else 1,
                "cells": msgspec.msgpack.encode(held),
                "expires_at": int((now() + self._retention).timestamp()),
            }
            yield self.put(item, "written = :read", {":read": found["written"]}) if found else self.put_new(item)


def _decoded(item: Item) -> Slice:
    cells: Slice = msgspec.msgpack.decode(item["cells"], type=Slice)
    return cells


def _sortable(sequence: str) -> str:
    """Sequence numbers are up to 40 digits: padded, they sort as text."""
    return sequence.zfill(SEQUENCE_DIGITS)
