"""Why a transaction was refused: every offending field with its path, not only the first."""

import json
import math
from collections.abc import Callable, Iterator

from fraud.errors import Problem

Check = Callable[[object], str | None]


def of_transaction(body: bytes) -> list[Problem] | None:
    """Every problem of a refused body; None when it is not JSON at all.

    Python's own JSON reader is used because it accepts the bare NaN and Infinity many clients write, which lets
    the reply name the field that holds one.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return list(_transaction(value)) or [Problem("$", "is not a valid transaction")]


def summary(found: list[Problem]) -> str:
    """One line for a person."""
    shown = "; ".join(f"{problem['field']} {problem['problem']}" for problem in found[:3])
    return shown if len(found) <= 3 else f"{shown}; and {len(found) - 3} more"


def number(value: object) -> str | None:
    """The problem with a value that must be a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"must be a number, not {_kind(value)}"
    try:
        finite = math.isfinite(float(value))
    except OverflowError:
        finite = False
    return None if finite else "must be finite"


def non_negative(value: object) -> str | None:
    """The problem with a value that must be a finite number of at least 0."""
    return number(value) or ("must not be negative" if float(value) < 0 else None)  # type: ignore[arg-type]


def text(longest: int, shortest: int = 1) -> Check:
    """A check for printable text of a bounded length."""

    def check(value: object) -> str | None:
        if not isinstance(value, str):
            return f"must be a string, not {_kind(value)}"
        if not shortest <= len(value) <= longest:
            return f"must have {shortest} to {longest} characters"
        return None

    return check


def printable(value: object) -> str | None:
    """The problem with a value that must be an identifier of 1-128 printable characters."""
    unprintable = isinstance(value, str) and not value.isprintable()
    return text(128)(value) or ("must hold printable characters only" if unprintable else None)


def optional(check: Check) -> Check:
    """The same check for a field that may be null."""
    return lambda value: None if value is None else check(value)


REQUIRED: dict[str, Check] = {"transaction_id": printable, "amount": non_negative, "time": non_negative}
OPTIONAL: dict[str, Check] = {
    "merchant_category": optional(text(128)),
    "location": optional(text(512, 0)),
    "entity_id": optional(text(128)),
}


def _transaction(value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem("$", f"must be an object, not {_kind(value)}")
        return
    for name in (*REQUIRED, "features"):
        if name not in value:
            yield Problem(name, "is missing")
    for name, held in value.items():
        yield from _field(str(name), held)


def _field(name: str, held: object) -> Iterator[Problem]:
    if name == "features":
        yield from _features(held)
        return
    check = REQUIRED.get(name) or OPTIONAL.get(name)
    problem = check(held) if check else "is not a field of a transaction"
    if problem:
        yield Problem(name, problem)


def _features(held: object) -> Iterator[Problem]:
    if not isinstance(held, dict):
        yield Problem("features", f"must be an object, not {_kind(held)}")
        return
    for name, value in held.items():
        problem = number(value)
        if problem:
            yield Problem(f"features.{name}", problem)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    for kind, words in ((str, "a string"), (dict, "an object"), (list, "a list")):
        if isinstance(value, kind):
            return words
    return "a number"
