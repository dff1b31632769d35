"""The stream of the requests table, as Lambda hands it to archive."""

from base64 import b64encode
from typing import Any

from tests.functional.conftest import Stack


def stream_event(stack: Stack) -> dict[str, Any]:
    """The stream batch of everything in the requests table."""
    items = sorted(stack.items("Requests"), key=lambda item: item["at"]["S"])
    return {
        "Records": [
            {
                "eventName": "INSERT",
                "eventID": str(number),
                "dynamodb": {"NewImage": _as_sent(item), "SequenceNumber": str(100 + number)},
            }
            for number, item in enumerate(items)
        ]
    }


def _as_sent(item: dict[str, Any]) -> dict[str, Any]:
    """Streams carry binary as base64 text."""
    return {
        name: {kind: b64encode(held).decode() if isinstance(held, bytes) else held for kind, held in value.items()}
        for name, value in item.items()
    }
