"""Open a dropped artefact by its name: each format has one reader, and no file is offered to a second."""

import importlib
from pathlib import Path
from typing import NamedTuple

from fraud.errors import InvalidArtefactError

MAX_ARTEFACT_BYTES = 100 << 20
_READERS = {  # modules with a function `read(path) -> Loaded`
    ".joblib": "fraud.packing.pickles",
    ".txt": "fraud.packing.lightgbm_text",
    ".json": "fraud.packing.xgboost_json",
    ".ubj": "fraud.packing.xgboost_ubj",
}


class Loaded(NamedTuple):
    """An artefact, and the scikit-learn version that saved it (None for a bundle of no estimators)."""

    artefact: object
    trained_with: str | None


def load(path: Path) -> Loaded:
    """The object in a file of at most 100 MiB.

    Raises InvalidArtefactError or UnsupportedModelError, whatever the bytes are.
    """
    check_size(path)
    reader = _READERS.get(path.suffix)
    if reader is None:
        raise InvalidArtefactError(f"{path.name} is of a format that cannot be packed yet; save the model with joblib")
    found: Loaded = importlib.import_module(reader).read(path)
    return found


def check_size(path: Path) -> None:
    """InvalidArtefactError for a file that is too large to be opened."""
    size = path.stat().st_size
    if size > MAX_ARTEFACT_BYTES:
        raise InvalidArtefactError(f"the artefact has {size} bytes; {MAX_ARTEFACT_BYTES} are allowed", code="too_large")
