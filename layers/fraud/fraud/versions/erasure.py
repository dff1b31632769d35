"""Forgetting an entity: what was recorded about it goes, that it was forgotten stays in the audit chain."""

import time
from collections.abc import Callable

from fraud.requests.erasure_store import Erased, ErasureStore
from fraud.versions.registry import Registry

PASSES = 5
FORGETTING, FORGOTTEN = "entity.forgetting", "entity.forgotten"


def forget(
    registry: Registry,
    store: ErasureStore,
    stored_as: set[str],
    *,
    token: str,
    actor: str,
    why: str,
    settle: Callable[[], None] = lambda: time.sleep(0),
) -> Erased:
    """Erase until a pass finds nothing more; `settle` waits for what is on its way to the archive.

    The intent is in the audit chain before anything goes, the outcome after; both name the entity by its token.
    """
    registry.note(FORGETTING, token, actor=actor, details={"why": why})
    rows = lines = 0
    for _ in range(PASSES):
        erased = store.erase(stored_as)
        rows, lines = rows + erased.rows, lines + erased.lines
        if erased == Erased(0, 0):
            break
        settle()
    registry.note(FORGOTTEN, token, actor=actor, details={"rows": rows, "lines": lines, "why": why})
    return Erased(rows, lines)
