"""Batches and their counted parts in a table of their own; every change is one conditional transaction."""

import random
import time
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fraud.bulk.job import CANCELLED, DONE, FAILED, OPEN, QUEUED, RUNNING, SPLITTING, Job, Position
from fraud.clock import now, rfc3339
from fraud.errors import ConflictError, NotFoundError, UnavailableError
from fraud.versions.registry.table import CONDITION_FAILED, Item, Table

META = "META"
ATTEMPTS = 10


class Counted(msgspec.Struct, frozen=True):
    """One finished part: rows answered and rows refused."""

    part: int
    done: int
    failed: int


class JobStore(Table):
    """`BATCH#<id>` / `META`, and `PART#00017` for each part that is counted."""

    def create(self, job: Job) -> Job:
        """Store a new batch, or give back the one that has this id already."""
        item = {"pk": _pk(job.batch_id), "sk": META, **msgspec.to_builtins(job)}
        self._applied([self.put_new(item)])
        return self.job(job.batch_id)

    def job(self, batch_id: str) -> Job:
        """The batch as it stands; raises NotFoundError."""
        item = self.get(_pk(batch_id), META)
        if item is None:
            raise NotFoundError(f"there is no batch {batch_id}")
        return msgspec.convert(item, Job)

    def is_counted(self, batch_id: str, part: int) -> bool:
        """Whether this part's rows are in the counts."""
        return self.get(_pk(batch_id), _sk(part)) is not None

    def counted(self, batch_id: str) -> Iterator[Counted]:
        """The finished parts in order."""
        for item in self.query(_pk(batch_id), prefix="PART#"):
            yield msgspec.convert(item, Counted)

    def count(self, job: Job, part: Counted) -> None:
        """Add a part to the counts: once, however often it is said, and only while the batch is open."""
        item = {"pk": _pk(job.batch_id), "sk": _sk(part.part), **msgspec.to_builtins(part)}
        added = {"done": part.done, "failed": part.failed, "parts_done": 1}
        expiring = self.put_new({**item, "expires_at": job.expires_at})
        self._applied([expiring, self._change(job.batch_id, {}, OPEN, add=added)])

    def advance(self, job: Job, to: Position, *, columns: tuple[str, ...] | None = None) -> Job | None:
        """Remember how far the input is cut, and its header; None when it is not open or somebody else cut on."""
        following = msgspec.structs.replace(job, state=SPLITTING, at=to, columns=columns or job.columns)
        told = msgspec.to_builtins(following)
        sets = {name: told[name] for name in ("state", "at", "columns")}
        done = self._applied([self._change(job.batch_id, sets, OPEN, {"at": msgspec.to_builtins(job.at)})])
        return following if done else None

    def split(self, job: Job) -> None:
        """The whole input is cut: from here on the number of parts is known."""
        sets = {"state": RUNNING, "parts": job.at.part}
        self._applied([self._change(job.batch_id, sets, OPEN, {"at": msgspec.to_builtins(job.at)})])

    def assembled(self, job: Job, parts: int) -> bool:
        """Remember how many parts of the result have their final form."""
        return self._applied([self._change(job.batch_id, {"assembled": parts}, OPEN)])

    def finish(self, batch_id: str) -> bool:
        """All parts are counted and the manifest is written."""
        return self._end(batch_id, {"state": DONE}, OPEN)

    def fail(self, batch_id: str, reason: str) -> bool:
        """Nothing of the rest of this batch can be scored."""
        return self._end(batch_id, {"state": FAILED, "reason": reason[:500]}, OPEN)

    def cancel(self, batch_id: str) -> Job:
        """Count nothing more; raises ConflictError for a batch that has ended otherwise."""
        if not self._end(batch_id, {"state": CANCELLED}, OPEN):
            self._require(batch_id, CANCELLED)
        return self.job(batch_id)

    def resume(self, batch_id: str) -> Job:
        """Read the input anew from its start; counted parts stay counted. ConflictError for a finished batch."""
        from_start = {"state": QUEUED, "at": msgspec.to_builtins(Position()), "parts": None}
        sets = {**from_start, "columns": None, "reason": None, "finished_at": None}
        if not self._applied([self._change(batch_id, sets, (*OPEN, CANCELLED, FAILED))]):
            self._require(batch_id, QUEUED)
        return self.job(batch_id)

    def _end(self, batch_id: str, sets: Mapping[str, Any], states: tuple[str, ...]) -> bool:
        return self._applied([self._change(batch_id, {**sets, "finished_at": rfc3339(now())}, states)])

    def _require(self, batch_id: str, state: str) -> None:
        found = self.job(batch_id)
        if found.state != state:
            raise ConflictError(f"batch {batch_id} is {found.state}", code="batch_ended")

    def _change(
        self,
        batch_id: str,
        sets: Mapping[str, Any],
        states: tuple[str, ...],
        still: Mapping[str, Any] | None = None,
        *,
        add: Mapping[str, int] | None = None,
    ) -> Item:
        """A transaction item: set and add attributes while the state is one of `states` and others are `still` so."""
        held, added = still or {}, add or {}
        told = [("SET ", " = ", sets), ("ADD ", " ", added)]
        change = " ".join(
            verb + ", ".join(f"#{name}{sign}:{verb[0]}{name}" for name in values)
            for verb, sign, values in told
            if values
        )
        allowed = {f":state{number}": state for number, state in enumerate(states)}
        condition = [f"#state IN ({', '.join(allowed)})", *(f"#{name} = :was{name}" for name in held)]
        values = {
            **{f":S{name}": value for name, value in sets.items()},
            **{f":A{name}": value for name, value in added.items()},
            **{f":was{name}": value for name, value in held.items()},
            **allowed,
        }
        names = {"state", *sets, *added, *held}
        return self.update(_pk(batch_id), META, change, " AND ".join(condition), values, *sorted(names))

    def _applied(self, items: list[Item]) -> bool:
        """Apply the transaction; False when a condition does not hold, UnavailableError when it never got its turn."""
        for number in range(ATTEMPTS):
            reasons = self.transact(items)
            if reasons is None:
                return True
            if CONDITION_FAILED in reasons:
                return False
            time.sleep(random.uniform(0, min(1.0, 0.02 * 2**number)))  # noqa: S311 -- jitter, not a secret
        raise UnavailableError("the batch record could not be changed")


def _pk(batch_id: str) -> str:
    return f"BATCH#{batch_id}"


def _sk(part: int) -> str:
    return f"PART#{part:05d}"
