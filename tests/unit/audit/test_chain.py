"""Every tampering with the chain is found where it happened."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fraud.audit.chain import Entry, append, first_broken


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(length):
        head = entries[-1] if entries else None
        entries.append(
            append(head, at=f"t{number}", actor="a", action="x", subject=f"s{number}", details={"number": number})
        )
    return entries


def test_an_honest_chain_holds() -> None:
    assert first_broken(chain(20)) is None
    assert first_broken([]) is None


@given(st.integers(0, 19), st.sampled_from(["at", "actor", "action", "subject", "hash", "previous_hash"]))
def test_an_edit_is_found_at_its_place(index: int, field: str) -> None:
    entries = chain(20)
    entries[index] = msgspec.structs.replace(entries[index], **{field: "forged"})
    assert first_broken(entries) == index


@given(st.integers(0, 18))
def test_a_deletion_is_found(index: int) -> None:
    entries = chain(20)
    del entries[index]
    assert first_broken(entries) == index


@given(st.integers(0, 18))
def test_a_swap_is_found(index: int) -> None:
    entries = chain(20)
    entries[index], entries[index + 1] = entries[index + 1], entries[index]
    assert first_broken(entries) == index
