"""Every tampering with the chain is found, and named where it happened."""

import random

import msgspec
import pytest

from fraud.audit.chain import Entry, append, entry_hash
from fraud.audit.examine import (
    APPENDED,
    DELETED,
    EDITED,
    REORDERED,
    TRUNCATED,
    Checkpoint,
    Finding,
    Stored,
    examine,
    next_checkpoint,
)  # fmt: skip

LENGTH = 20


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(length):
        head = entries[-1] if entries else None
        entries.append(
            append(head, at=f"t{number}", actor="a", action="x", subject=f"s{number}", details={"number": number})
        )
    return entries


def stored(entries: list[Entry]) -> list[Stored]:
    return [Stored(number, entry) for number, entry in enumerate(entries, 1)]


def resealed(entry: Entry, **changes: object) -> Entry:
    """The entry changed by somebody who knows how hashes are made."""
    changed = msgspec.structs.replace(entry, **changes)
    return msgspec.structs.replace(changed, hash=entry_hash(changed))


def named(found: list[Finding]) -> list[tuple[int, str]]:
    return [(one.sequence, one.kind) for one in found]


HONEST = chain(LENGTH)
HEAD = HONEST[-1]
SEALED = [next_checkpoint(HONEST[:8], [], "t")]
SEALED.append(next_checkpoint(HONEST[:15], SEALED, "t"))


@pytest.mark.parametrize("length", [0, 1, LENGTH])
def test_an_honest_chain_holds(length: int) -> None:
    entries = chain(length)
    assert examine(stored(entries), entries[-1] if entries else None, []) == []


def test_an_honest_chain_holds_against_its_checkpoints() -> None:
    assert examine(stored(HONEST), HEAD, SEALED) == []


def tampered(dice: random.Random) -> tuple[str, list[Stored], list[tuple[int, str]]]:  # noqa: PLR0911 -- one a kind
    """A random tampering: what was done, what lies there then, what must be said of it."""
    held, at = stored(HONEST), dice.randrange(1, LENGTH + 1)
    what = dice.choice(["edit", "reseal", "delete", "swap", "swap lines", "truncate", "append"])
    entry = HONEST[at - 1]
    if what == "edit":
        field = dice.choice(["at", "actor", "action", "subject", "origin", "hash", "previous_hash"])
        held[at - 1] = Stored(at, msgspec.structs.replace(entry, **{field: "forged"}))
        return what, held, [(at, EDITED)]
    if what == "reseal":
        held[at - 1] = Stored(at, resealed(entry, actor="somebody else"))
        return what, held, [(at, EDITED)]
    if what == "delete":
        del held[at - 1]
        return what, held, [(at, DELETED if at < LENGTH else TRUNCATED)]
    if what.startswith("swap"):
        other = dice.choice([number for number in range(1, LENGTH + 1) if number != at])
        low, high = sorted((at, other))
        if what == "swap":
            held[low - 1], held[high - 1] = Stored(low, HONEST[high - 1]), Stored(high, HONEST[low - 1])
            return what, held, [(low, REORDERED), (high, REORDERED)]
        held[low - 1], held[high - 1] = held[high - 1], held[low - 1]
        return what, held, [(number, REORDERED) for number in range(low, high)]
    if what == "truncate":
        return what, held[: at - 1], [(number, TRUNCATED) for number in range(at, LENGTH + 1)]
    more = append(HEAD, at="t", actor="forger", action="x", subject="s", details={})
    return what, [*held, Stored(LENGTH + 1, more)], [(LENGTH + 1, APPENDED)]


def test_a_thousand_random_tamperings_are_all_found_and_located() -> None:
    dice = random.Random(20261122)
    for _ in range(1000):
        # GIVEN a chain somebody laid hands on / WHEN it is examined / THEN exactly what was touched is named
        what, held, expected = tampered(dice)
        for checkpoints in ([], SEALED):
            assert named(examine(held, HEAD, checkpoints)) == expected, what


def rewritten(at: int) -> list[Entry]:
    """Everything from one entry on made anew, by somebody who may write the whole table."""
    entries = HONEST[: at - 1]
    for entry in HONEST[at - 1 :]:
        previous = entries[-1].hash if entries else entry.previous_hash
        changes = {"actor": "somebody else"} if entry.sequence == at else {}
        entries.append(resealed(entry, previous_hash=previous, **changes))
    return entries


@pytest.mark.parametrize("at", range(1, 16))
def test_a_history_rewritten_with_its_pointer_is_betrayed_by_the_checkpoints(at: int) -> None:
    entries = rewritten(at)
    assert examine(stored(entries), entries[-1], []) == []
    found = named(examine(stored(entries), entries[-1], SEALED))
    assert found[0] == (at, EDITED)
    assert {kind for _, kind in found} == {EDITED}


@pytest.mark.parametrize("length", range(15))
def test_a_truncation_with_its_pointer_is_betrayed_by_the_checkpoints(length: int) -> None:
    entries = HONEST[:length]
    found = named(examine(stored(entries), entries[-1] if entries else None, SEALED))
    assert found == [(number, TRUNCATED) for number in range(length + 1, 16)]


@pytest.mark.parametrize(
    "forged",
    [
        SEALED[1:],
        [SEALED[0], msgspec.structs.replace(SEALED[1], previous="0" * 64)],
        [SEALED[0], msgspec.structs.replace(SEALED[1], hashes=SEALED[1].hashes[1:])],
        [msgspec.structs.replace(SEALED[0], at="another day"), SEALED[1]],
    ],
)
def test_a_checkpoint_that_is_missing_or_changed_is_found(forged: list[Checkpoint]) -> None:
    assert "checkpoint" in {one.kind for one in examine(stored(HONEST), HEAD, forged)}


def test_an_unreadable_entry_and_a_forged_pointer_are_found() -> None:
    held = [*stored(HONEST)[:4], Stored(5, None), *stored(HONEST)[5:]]
    assert named(examine(held, HEAD, [])) == [(5, EDITED)]
    forged = msgspec.structs.replace(HEAD, actor="somebody else")
    assert named(examine(stored(HONEST), forged, [])) == [(LENGTH, EDITED)]
