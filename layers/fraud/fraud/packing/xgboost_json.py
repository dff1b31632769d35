"""Read XGBoost's `model.json`."""

from pathlib import Path

import msgspec

from fraud.errors import InvalidArtefactError
from fraud.packing.loader import Loaded
from fraud.packing.xgboost_file import check_kind, loaded
from fraud.packing.xgboost_layout import FileFields, FileOutline


def read(path: Path) -> Loaded:
    """The model in the file; raises InvalidArtefactError, and UnsupportedModelError for all but binary `gbtree`."""
    data = path.read_bytes()
    try:
        check_kind(msgspec.json.decode(data, type=FileOutline))
        return loaded(msgspec.json.decode(data, type=FileFields))
    except (KeyError, OverflowError, RecursionError, ValueError) as exc:  # msgspec's errors are ValueErrors
        raise InvalidArtefactError(f"model.json cannot be read: {type(exc).__name__}: {str(exc)[:200]}") from exc
