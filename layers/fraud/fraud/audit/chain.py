"""The audit chain: every control action is an entry that carries the hash of the one before it.

An entry's hash is SHA-256 over its canonical JSON (keys sorted, hash left out), so an edit, a deletion or a swap
breaks the chain at the place where it happened.
"""

import hashlib
from contextvars import ContextVar
from typing import Any

import msgspec

GENESIS = "0" * 64
# Where the call under way comes from; set at the border, so that no use case has to carry it to its audit entry.
origin: ContextVar[str] = ContextVar("origin", default="")
_canonical = msgspec.json.Encoder(order="sorted")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One control action: who did what to what, from where, when, on what evidence."""

    sequence: int
    previous_hash: str
    at: str
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    origin: str = ""
    hash: str = ""


def entry_hash(entry: Entry) -> str:
    """SHA-256 (hex) of the entry without its own hash."""
    return hashlib.sha256(_canonical.encode(msgspec.structs.replace(entry, hash=""))).hexdigest()


def append(head: Entry | None, *, at: str, actor: str, action: str, subject: str, details: dict[str, Any]) -> Entry:
    """The entry that follows `head`, sealed."""
    entry = Entry(
        sequence=head.sequence + 1 if head else 1,
        previous_hash=head.hash if head else GENESIS,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        details=details,
        origin=origin.get(),
    )
    return msgspec.structs.replace(entry, hash=entry_hash(entry))


def first_broken(entries: list[Entry]) -> int | None:
    """Index of the first entry that does not follow from the one before it, or None; `examine` says more."""
    previous, sequence = GENESIS, 0
    for index, entry in enumerate(entries):
        if entry.previous_hash != previous or entry.sequence != sequence + 1 or entry_hash(entry) != entry.hash:
            return index
        previous, sequence = entry.hash, entry.sequence
    return None
