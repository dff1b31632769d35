"""A version's view as the types it was made from."""

from functools import cached_property
from typing import Any

import msgspec

from fraud.versions.measurements import Evaluation, evaluation_from_record
from fraud.versions.version import ModelVersion


class Happening(msgspec.Struct, frozen=True):
    """One entry of a version's history."""

    revision: int
    event: str
    at: str
    by: str
    why: str


class Facts(ModelVersion, frozen=True, kw_only=True, dict=True):
    """The record and what is known of its life since; `dict` is for what is computed once."""

    is_active: bool = False
    history: tuple[Happening, ...] = ()
    approvals: tuple[dict[str, Any], ...] = ()

    @cached_property
    def evaluation(self) -> Evaluation | None:
        """What was measured, None without an evaluation set."""
        return evaluation_from_record(self.metrics) if self.metrics else None
