"""Estimator to packed model: the only place that understands scikit-learn.

`Packed` and `pack` are loaded when they are first asked for: a drop that is refused by its bytes alone needs neither.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fraud.packing.assemble import Packed, pack

__all__ = ["Packed", "pack"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("fraud.packing.assemble"), name)
