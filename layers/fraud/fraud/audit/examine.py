"""Does the chain still say what it said? Every edit, deletion, swap, truncation and forged addition, by entry."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from fraud.audit.chain import GENESIS, Entry, entry_hash

EDITED, DELETED, REORDERED = "edited", "deleted", "reordered"
TRUNCATED, APPENDED, CHECKPOINT = "truncated", "appended", "checkpoint"


class Stored(msgspec.Struct, frozen=True):
    """An entry and the position it lies at; `entry` is None when what lies there cannot be read."""

    position: int
    entry: Entry | None


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the chain was at a moment, kept where the table's writers cannot reach.

    `hashes` are those of the entries since the checkpoint before it, whose SHA-256 (of its JSON) is `previous`.
    """

    number: int
    at: str
    sequence: int
    previous: str
    hashes: tuple[str, ...]


class Finding(msgspec.Struct, frozen=True):
    """What is wrong with which entry."""

    sequence: int
    kind: str
    words: str


def examine(stored: Sequence[Stored], head: Entry | None, checkpoints: Sequence[Checkpoint]) -> list[Finding]:
    """Everything that is wrong, by position; empty when the chain holds.

    `stored` is in the order it was kept in, `head` the entry the registry's pointer holds. A finding names the entry
    that was changed; where only a link shows it, the entry the next one was not appended to.
    """
    found: dict[int, Finding] = {}
    last = max([head.sequence if head else 0, *(checkpoint.sequence for checkpoint in checkpoints)])
    for finding in (
        *_misplaced(stored),
        *_missing(stored, last),
        *_added(stored, last, head),
        *_unlinked(stored),
        *_unlike_head(stored, head),
        *_unlike_checkpoints(stored, checkpoints),
        *_broken_checkpoints(checkpoints),
    ):
        found.setdefault(finding.sequence, finding)
    return sorted(found.values(), key=lambda finding: finding.sequence)


def next_checkpoint(entries: Sequence[Entry], checkpoints: Sequence[Checkpoint], at: str) -> Checkpoint:
    """The checkpoint after those there are, over a chain that holds."""
    last = checkpoints[-1] if checkpoints else None
    since = entries[last.sequence if last else 0 :]
    return Checkpoint(
        number=last.number + 1 if last else 1,
        at=at,
        sequence=len(entries),
        previous=checkpoint_hash(last) if last else GENESIS,
        hashes=tuple(entry.hash for entry in since),
    )


def checkpoint_hash(checkpoint: Checkpoint) -> str:
    """SHA-256 (hex) of a checkpoint's JSON."""
    return hashlib.sha256(msgspec.json.encode(checkpoint)).hexdigest()


def _misplaced(stored: Sequence[Stored]) -> Iterator[Finding]:
    highest = 0
    for one in stored:
        if one.position <= highest:
            yield Finding(one.position, REORDERED, "lies after a later entry, or lies there twice")
        elif one.entry is None:
            yield Finding(one.position, EDITED, "cannot be read")
        elif one.entry.sequence != one.position:
            yield Finding(one.position, REORDERED, f"entry {one.entry.sequence} lies here")
        elif entry_hash(one.entry) != one.entry.hash:
            yield Finding(one.position, EDITED, "its content does not have its hash")
        highest = max(highest, one.position)


def _missing(stored: Sequence[Stored], last: int) -> Iterator[Finding]:
    held = {one.position for one in stored}
    end = max(held, default=0)
    for position in range(1, max(end, last) + 1):
        if position not in held:
            kind = DELETED if position < end else TRUNCATED
            yield Finding(position, kind, "is not there")


def _added(stored: Sequence[Stored], last: int, head: Entry | None) -> Iterator[Finding]:
    for one in stored:
        if one.position > last:
            words = f"the registry wrote {head.sequence if head else 0} entries"
            yield Finding(one.position, APPENDED, words)


def _unlinked(stored: Sequence[Stored]) -> Iterator[Finding]:
    by_position = _sound(stored)
    for position, entry in sorted(by_position.items()):
        before = by_position.get(position - 1)
        if position == 1 and entry.previous_hash != GENESIS:
            yield Finding(1, EDITED, "the first entry follows no other")
        elif before and entry.previous_hash != before.hash:
            yield Finding(position - 1, EDITED, f"is not the entry that {position} was appended to")


def _unlike_head(stored: Sequence[Stored], head: Entry | None) -> Iterator[Finding]:
    held = _sound(stored).get(head.sequence) if head else None
    if head and entry_hash(head) != head.hash:
        yield Finding(head.sequence, EDITED, "the pointer's copy does not have its hash")
    elif head and held and held.hash != head.hash:
        yield Finding(head.sequence, EDITED, "is not the entry the registry's pointer holds")


def _unlike_checkpoints(stored: Sequence[Stored], checkpoints: Iterable[Checkpoint]) -> Iterator[Finding]:
    by_position = _sound(stored)
    for checkpoint in checkpoints:
        first = checkpoint.sequence - len(checkpoint.hashes) + 1
        for position, expected in enumerate(checkpoint.hashes, first):
            held = by_position.get(position)
            if held and held.hash != expected:
                yield Finding(position, EDITED, f"is not the entry that checkpoint {checkpoint.number} saw")


def _broken_checkpoints(checkpoints: Sequence[Checkpoint]) -> Iterator[Finding]:
    previous, sequence = GENESIS, 0
    for number, checkpoint in enumerate(checkpoints, 1):
        follows = checkpoint.number == number and checkpoint.previous == previous
        if not follows or checkpoint.sequence - len(checkpoint.hashes) != sequence:
            yield Finding(checkpoint.sequence, CHECKPOINT, f"checkpoint {checkpoint.number} does not follow")
        previous, sequence = checkpoint_hash(checkpoint), checkpoint.sequence


def _sound(stored: Sequence[Stored]) -> dict[int, Entry]:
    """The entries that lie where they say and have their own hash."""
    return {
        one.position: one.entry
        for one in stored
        if one.entry and one.entry.sequence == one.position and entry_hash(one.entry) == one.entry.hash
    }
