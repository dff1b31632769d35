"""The transaction a caller sends: strict JSON in, a typed value out.

The happy path is one msgspec decode. Only a refused body is looked at again, by `problems`, so that every offending
field is named.
"""

import hashlib
import json
from typing import Annotated

import msgspec

from fraud.clock import ulid
from fraud.errors import InvalidRequestError, MalformedJsonError
from fraud.scoring import problems
from fraud.strict_json import require_unique_keys

NAME_MAX = 128
TransactionId = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_MAX)]
NonNegative = Annotated[float, msgspec.Meta(ge=0)]
ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_MAX)]
LongText = Annotated[str, msgspec.Meta(max_length=512)]


class Transaction(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One card transaction: amounts and times are finite and not negative, feature values finite."""

    transaction_id: TransactionId
    amount: NonNegative
    time: NonNegative
    features: dict[str, float]
    merchant_category: ShortText | None = None
    location: LongText | None = None
    entity_id: ShortText | None = None

    def __post_init__(self) -> None:
        if not self.transaction_id.isprintable():
            raise ValueError("transaction_id holds characters that cannot be printed")


_decoder = msgspec.json.Decoder(Transaction)
_canonical = msgspec.json.Encoder(order="sorted")


def decode(body: bytes) -> Transaction:
    """The transaction in a request body.

    Raises MalformedJsonError when it is not JSON or names a key twice, InvalidRequestError naming every field that is
    missing, unknown or not allowed (strings and booleans are not numbers; NaN and infinity are not finite).
    """
    try:
        decoded = _decoder.decode(body)
        # a colon after each key: more of them are in texts, or in a key given twice
        if body.count(b":") != _keys(decoded):
            require_unique_keys(body)
        return decoded
    except msgspec.DecodeError as exc:
        found = problems.of_transaction(body)
        if found is None:
            raise MalformedJsonError(f"the body is not JSON: {exc}") from exc
        require_unique_keys(body)
        raise InvalidRequestError(problems.summary(found), code="invalid_transaction", details=found) from exc


def _keys(decoded: Transaction) -> int:
    optional = (decoded.merchant_category, decoded.location, decoded.entity_id)
    return 4 + len(decoded.features) + sum(one is not None for one in optional)


def digest(transaction: Transaction) -> str:
    """SHA-256 (hex) of the canonical input: same values, same digest, whatever their order or spelling."""
    return hashlib.sha256(_canonical.encode(transaction)).hexdigest()


def record_key(digest: str, *, rescore: bool) -> str:
    """What a decision is filed under: the digest, so that it is made once; with `rescore` a key of its own."""
    return f"{digest}#{ulid()}" if rescore else digest


def id_in(body: bytes) -> str | None:
    """The identifier a refused transaction carries, None when it has none that is allowed."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    named = value.get("transaction_id") if isinstance(value, dict) else None
    return named if problems.printable(named) is None else None
