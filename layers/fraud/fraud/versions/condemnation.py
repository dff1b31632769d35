"""Condemned: a version that may not serve again, with the evidence, until a human pardons it."""

import msgspec


class Condemnation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a version may not serve; `evidence` is the verdict's JSON text. A pardoned one may serve again."""

    version: str
    why: str
    by: str
    at: str
    evidence: str = ""
    pardoned_at: str | None = None
    pardoned_by: str | None = None
    pardoned_why: str | None = None
