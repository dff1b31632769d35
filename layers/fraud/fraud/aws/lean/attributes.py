"""Python values to and from DynamoDB's AttributeValue.

Binary stays bytes: msgspec (here) and botocore both turn it into base64 on the wire. It is read in either form,
so items of the lean client and of boto3's low-level client are decoded alike.
"""

import math
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

Attribute = dict[str, Any]

MAX_DIGITS = 38
"""Significant digits DynamoDB keeps of a number."""

SMALLEST, LARGEST = 1e-130, 9.99e125
"""The magnitudes DynamoDB stores, zero aside; a float beyond them would be refused by the table."""


def to_attributes(values: Mapping[str, object]) -> dict[str, Attribute]:
    """An item for `PutItem`, or values for an expression: str, bool, int, float, bytes, None, list and dict.

    Raises ValueError for a number the table cannot hold (NaN, infinity, magnitude, digits) and TypeError for
    any other type, naming it.
    """
    return {name: _attribute(value) for name, value in values.items()}


def from_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of an item; the inverse of `to_attributes`.

    DynamoDB does not tell 1.0 from 1: a whole number comes back as int, and float() of it is the very float
    that was written. Raises ValueError for an attribute type this client never writes (sets).
    """
    return {name: _value(attribute) for name, attribute in item.items()}


def _attribute(value: object) -> Attribute:  # noqa: PLR0911 -- one line per type
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": _number(value)}
        case str():
            return {"S": value}
        case bytes() | bytearray() | memoryview():
            return {"B": bytes(value)}
        case Mapping():
            return {"M": to_attributes(value)}
        case Sequence():
            return {"L": [_attribute(element) for element in value]}
    raise TypeError(f"DynamoDB has no type for {type(value).__name__}")


def _number(value: float) -> str:
    text = repr(value)
    if isinstance(value, int):
        if len(text.lstrip("-")) > MAX_DIGITS:
            raise ValueError(f"{text[:12]}… has more than the {MAX_DIGITS} digits DynamoDB keeps")
    elif not math.isfinite(value) or (value and not SMALLEST <= abs(value) <= LARGEST):
        raise ValueError(f"DynamoDB cannot hold the number {text}")
    return text


def _value(attribute: Attribute) -> Any:
    [(kind, content)] = attribute.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return int(content) if content.lstrip("-").isdigit() else float(content)
        case "B":
            return b64decode(content) if isinstance(content, str) else content
        case "NULL":
            return None
        case "M":
            return from_attributes(content)
        case "L":
            return [_value(element) for element in content]
    raise ValueError(f"DynamoDB attribute type {kind} is not used here")
