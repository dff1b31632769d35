"""A bulk batch as a record: what it reads, which version scores it, how far it is."""

from datetime import datetime
from typing import Any

import msgspec

from fraud.clock import parse_rfc3339

QUEUED, SPLITTING, RUNNING, DONE, FAILED, CANCELLED = (
    "queued",
    "splitting",
    "running",
    "done",
    "failed",
    "cancelled",
)
OPEN = (QUEUED, SPLITTING, RUNNING)
FIRST_ROW = 1


class Position(msgspec.Struct, frozen=True):
    """Where the next part begins: its number, its first byte (of Parquet: nothing), and its first row, from 1."""

    part: int = 0
    offset: int = 0
    row: int = FIRST_ROW


class Source(msgspec.Struct, frozen=True):
    """The object a batch reads: pinned by its version, or where the bucket has none by its ETag."""

    key: str
    format: str
    version_id: str | None = None
    etag: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One batch. `total` grows while the input is split; `done` rows have an answer, `failed` rows were refused."""

    batch_id: str
    state: str
    input: str
    source: Source
    model_version: str
    created_at: str
    by: str
    expires_at: int
    at: Position = Position()
    columns: tuple[str, ...] | None = None
    parts: int | None = None
    parts_done: int = 0
    done: int = 0
    failed: int = 0
    assembled: int = 0
    reason: str | None = None
    finished_at: str | None = None

    @property
    def total(self) -> int:
        """Rows found so far; all of them once the batch runs."""
        return self.at.row - FIRST_ROW

    @property
    def complete(self) -> bool:
        """Whether every part of the whole input has been counted."""
        return self.parts is not None and self.parts_done == self.parts


def progress(job: Job, now: datetime) -> dict[str, Any]:
    """Counts, mean rate since the batch was accepted, and the seconds left at that rate (None while unknown)."""
    counted = job.done + job.failed
    until = parse_rfc3339(job.finished_at) if job.finished_at else now
    spent = max((until - parse_rfc3339(job.created_at)).total_seconds(), 1e-3)
    rate = counted / spent
    known = job.state == RUNNING and counted > 0
    return {
        "total": job.total,
        "done": job.done,
        "failed": job.failed,
        "rows_per_second": round(rate, 1),
        "eta_seconds": round((job.total - counted) / rate, 1) if known else (0.0 if job.state == DONE else None),
    }
