"""Forgetting an entity: what was recorded about it goes, that it was forgotten stays in the audit chain."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import msgspec

from fraud.requests.erasure_store import ErasureStore
from fraud.versions.registry import Registry

PASSES = 5
FORGETTING, FORGOTTEN = "entity.forgetting", "entity.forgotten"


class Labels(Protocol):
    """Where labels lie (`watch.label_erasure_store`)."""

    def erase(self, transaction_ids: set[str]) -> int: ...


class Files(Protocol):
    """Where callers' files and their results lie (`bulk.erasure_store`)."""

    def erase(self, stored_as: set[str], transaction_ids: set[str]) -> int: ...


class Places(NamedTuple):
    """Everywhere something about one entity can lie."""

    records: ErasureStore
    labels: Labels
    files: Files


class Forgotten(msgspec.Struct, frozen=True):
    """How much was removed: records, archived lines, labels with what follows from them, files removed or rewritten."""

    rows: int = 0
    lines: int = 0
    labels: int = 0
    files: int = 0

    def __add__(self, more: "Forgotten") -> "Forgotten":
        return Forgotten(
            self.rows + more.rows, self.lines + more.lines, self.labels + more.labels, self.files + more.files
        )


def forget(
    registry: Registry,
    places: Places,
    stored_as: set[str],
    *,
    token: str,
    actor: str,
    why: str,
    settle: Callable[[], None] = lambda: None,
) -> Forgotten:
    """Erase until a pass finds nothing more; `settle` waits for what is on its way to the archive.

    The intent is in the audit chain before anything goes, the outcome after; both name the entity by its token.
    """
    registry.note(FORGETTING, token, actor=actor, details={"why": why})
    total = Forgotten()
    for _ in range(PASSES):
        erased = _once(places, stored_as)
        total += erased
        if erased == Forgotten():
            break
        settle()
    registry.note(FORGOTTEN, token, actor=actor, details={**msgspec.structs.asdict(total), "why": why})
    return total


def _once(places: Places, stored_as: set[str]) -> Forgotten:
    """The records go last: only they say which transactions were the entity's, should we be interrupted."""
    ids = places.records.transactions(stored_as)
    labels, files = places.labels.erase(ids), places.files.erase(stored_as, ids)
    erased = places.records.erase(stored_as, ids)
    return Forgotten(erased.rows, erased.lines, labels, files)
