"""Our handler reduced to what others do, for comparison: patches to be entered or started."""

from typing import Any
from unittest.mock import patch

from fraud.requests.store import RequestStore
from fraud.scoring.packed.attribution import Attribution
from fraud.scoring.packed.model import PackedModel


def without_reasons() -> Any:
    """Models explain nothing."""
    nothing = Attribution(method="none", unit="probability", base=0.0, margin=0.0, contributions=())
    return patch.object(PackedModel, "explain", lambda *_: nothing)


def without_records() -> Any:
    """Nothing is written."""
    return patch.object(RequestStore, "put_once", lambda *_: None)
