"""A handler that does nothing: what the runtime itself costs."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An empty answer."""
    return {"statusCode": 200}
