"""predict's handler behind uvicorn, an event made of each request."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks.reduced import without_reasons, without_records
from functions.predict.app import handler

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
EVENT = {
    "httpMethod": "POST", "headers": {"x-api-key": "client-key"}, "isBase64Encoded": False,
    "requestContext": {"requestId": "bench"},
}  # fmt: skip
sys.stdout = Path("/dev/null").open("w")  # noqa: SIM115   # the log line is made, nobody keeps it


async def recorded(scope: Message, receive: Receive, send: Send) -> None:
    """An ASGI application of one route: the handler as it is."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    told = handler({**EVENT, "path": scope["path"], "body": body.decode()}, None)
    headers = [(name.lower().encode(), value.encode()) for name, value in told["headers"].items()]
    text = told["body"].encode()
    length = (b"content-length", str(len(text)).encode())
    await send({"type": "http.response.start", "status": told["statusCode"], "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": text})


def unrecorded() -> Application:
    """The same, keeping nothing."""
    without_records().start()
    return recorded


def alone() -> Application:
    """The same without reasons either: what model servers do that keep and explain nothing."""
    without_reasons().start()
    return unrecorded()
