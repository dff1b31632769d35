"""Read XGBoost's `model.ubj`."""

from pathlib import Path

import msgspec

from fraud.errors import InvalidArtefactError
from fraud.packing.loader import Loaded
from fraud.packing.ubjson import decode
from fraud.packing.xgboost_file import check_kind, loaded
from fraud.packing.xgboost_layout import FileFields, FileOutline


def read(path: Path) -> Loaded:
    """The model in the file; raises InvalidArtefactError, and UnsupportedModelError for all but binary `gbtree`."""
    raw = decode(path.read_bytes())
    try:
        check_kind(msgspec.convert(raw, FileOutline))
        return loaded(msgspec.convert(raw, FileFields))
    except (KeyError, OverflowError, ValueError) as exc:  # msgspec's errors are ValueErrors
        raise InvalidArtefactError(f"model.ubj cannot be read: {type(exc).__name__}: {str(exc)[:200]}") from exc
