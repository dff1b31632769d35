"""One JSON text that carries several transactions: a list, or `{"transactions": [...]}`.

Each item stays JSON of its own, so that a bad one costs only itself.
"""

import json

import msgspec

from fraud.errors import InvalidRequestError, MalformedJsonError, Problem, TooLargeError
from fraud.strict_json import require_unique_keys

MAX_ITEMS = 1000
FIELD = "transactions"
SHAPE = 'must be a list of transactions, by itself or as the one field "transactions"'


class _Wrapped(msgspec.Struct, forbid_unknown_fields=True):
    transactions: list[msgspec.Raw]


_decoder = msgspec.json.Decoder(list[msgspec.Raw] | _Wrapped)


def batch(body: bytes) -> list[bytes]:
    """The 1 to 1,000 items of a request body.

    Raises MalformedJsonError, InvalidRequestError for another shape or no item, TooLargeError for too many.
    """
    found = items(body)
    if found is None:
        raise InvalidRequestError(f"the body {SHAPE}", details=[Problem(FIELD, SHAPE)])
    if not found:
        raise InvalidRequestError("the batch is empty", details=[Problem(FIELD, "must hold at least one transaction")])
    if len(found) > MAX_ITEMS:
        raise TooLargeError(f"the batch holds {len(found)} transactions, at most {MAX_ITEMS} are allowed")
    return found


def items(body: bytes) -> list[bytes] | None:
    """The items, None for JSON of another shape; raises MalformedJsonError."""
    try:
        found = _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return _leniently(body)
    if body.count(b'"transactions"') > 1:
        require_unique_keys(body)
    return [bytes(item) for item in (found.transactions if isinstance(found, _Wrapped) else found)]


def _leniently(body: bytes) -> list[bytes] | None:
    """Python's reader also takes the bare NaN many clients write, so that only the item that holds it is refused."""
    try:
        value = json.loads(body)
        held = value.get(FIELD) if isinstance(value, dict) and len(value) == 1 else value
        return [json.dumps(item).encode() for item in held] if isinstance(held, list) else None
    except (ValueError, RecursionError) as exc:
        raise MalformedJsonError("the body is not JSON") from exc
