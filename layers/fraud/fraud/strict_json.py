"""JSON that means one thing to everybody: no key twice, not nested or long without end, numbers that are finite.

RFC 8259 leaves it to each reader which of two equal keys counts; two readers that disagree are a way past a check.
"""

import json
from typing import Any

from fraud.errors import MalformedJsonError, Problem

MAX_DEPTH = 16
MAX_TEXT = 20_000  # characters of one string; every field of the API has a lower limit of its own


def require_strict(body: bytes) -> None:
    """Raise MalformedJsonError naming what is wrong; no body at all is fine."""
    if not body.strip():
        return
    value = _parsed(body, parse_constant=_refuse_constant)
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for held in level for inner in _within(held)]
    if level:
        raise MalformedJsonError(f"the body is nested more than {MAX_DEPTH} deep", code="nested_too_deep")


def require_unique_keys(body: bytes) -> None:
    """Raise MalformedJsonError (`duplicate_key`) when an object names a key twice."""
    _parsed(body)


def _parsed(body: bytes, **more: Any) -> object:
    try:
        return json.loads(body, object_pairs_hook=_unique, **more)
    except (ValueError, RecursionError) as exc:
        raise MalformedJsonError("the body is not JSON") from exc


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)[:128]
        details = [Problem(twice, "is given twice")]
        raise MalformedJsonError(f"the key {twice} is given twice", code="duplicate_key", details=details)
    return found


def _within(value: object) -> list[Any]:
    if isinstance(value, dict):
        for key in value:
            _require_short(key)
        return list(value.values())
    if isinstance(value, str):
        _require_short(value)
    return value if isinstance(value, list) else []


def _require_short(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise MalformedJsonError(f"a text is longer than {MAX_TEXT} characters", code="text_too_long")


def _refuse_constant(name: str) -> None:
    raise MalformedJsonError(f"{name} is not JSON")
