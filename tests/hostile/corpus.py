"""Everything that must be refused, as code: no file of it lies in the repository."""

from functools import cache

from tests.hostile.beside import beside
from tests.hostile.boosters import boosters
from tests.hostile.case import Hostile
from tests.hostile.forged import forged
from tests.hostile.gadgets import gadgets
from tests.hostile.shapes import shapes
from tests.hostile.streams import streams
from tests.hostile.tampered import tampered


@cache
def corpus(canary: str) -> tuple[Hostile, ...]:
    """Every hostile drop and its further cases; whatever one of them can run leaves a file in the folder `canary`."""
    found = (*gadgets(canary), *streams(), *forged(), *tampered(), *boosters(), *shapes(), *beside())
    assert len({one.name for one in found}) == len(found)
    return found


def leading(canary: str) -> tuple[Hostile, ...]:
    """The corpus without further cases: small enough to be dropped into a running system."""
    return tuple(case for case in corpus(canary) if not case.further)
