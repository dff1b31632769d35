"""What an artefact says of itself, as plain JSON-able values."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count
from math import isfinite
from typing import Any

import numpy as np

from fraud.errors import InvalidArtefactError

MAX_VALUES = 2000
MAX_DEPTH = 6
MAX_TEXT = 4096


def plain_claims(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """A bundle's metadata with numpy values as Python's, dates as text, NaN and infinity as None.

    Raises InvalidArtefactError for other kinds of value, keys that are not text, and metadata too large to keep.
    """
    plain = _plain(dict(metadata), "metadata", MAX_DEPTH, count())
    return dict(plain)


def _plain(value: Any, path: str, depth: int, seen: Iterator[int]) -> Any:
    if next(seen) >= MAX_VALUES or depth < 0:
        raise InvalidArtefactError(f"metadata holds more than {MAX_VALUES} values or nests deeper than {MAX_DEPTH}")
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {_key(key, path): _plain(item, f"{path}.{key}", depth - 1, seen) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, path, depth - 1, seen) for item in value]
    return _scalar(value, path)


def _scalar(value: Any, path: str) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str):
        return _text(value, path)
    if value is None or (isinstance(value, int) and abs(value) < 1 << 63):
        return value
    raise InvalidArtefactError(f"{path[:200]} holds a {type(value).__name__}, which is no plain value")


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise InvalidArtefactError(f"{path[:200]} has a key that is not text")
    return _text(key, path)


def _text(value: str, path: str) -> str:
    if len(value) > MAX_TEXT or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise InvalidArtefactError(f"{path[:200]} holds text that is too long or not Unicode")
    return value
