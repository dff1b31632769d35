"""Kept-alive HTTP connections and one exchange over them."""

import ssl
from collections import deque
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead

from msgspec import Struct

from fraud.aws.lean.endpoints import Origin
from fraud.aws.lean.retry import Patience, TransientError
from fraud.aws.lean.sigv4 import Request

# What a reused connection says when the other side closed it while it lay idle.
STALE = (ConnectionError, ssl.SSLError)


class Reply(Struct, frozen=True):
    """Status and whole body of an answer."""

    status: int
    body: bytes


class Connections:
    """A stack of idle connections for each origin; an exchange takes one, or opens one, and puts it back.

    Safe to share between threads: deque's append and pop are atomic and a connection is out while in use.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._idle: dict[Origin, deque[HTTPConnection]] = {}

    def exchange(self, origin: Origin, request: Request) -> Reply:
        """Send the request and read the whole answer.

        Raises TransientError when no whole answer came: refused, timed out, cut off.
        """
        try:
            connection, response = self._answered(origin, request)
            return self._read(origin, connection, response)
        except (OSError, HTTPException) as exc:
            raise TransientError(f"{origin.host} did not answer: {type(exc).__name__}: {exc}") from exc

    def close(self) -> None:
        """Close every idle connection; the next exchange opens a new one."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    def _answered(self, origin: Origin, request: Request) -> tuple[HTTPConnection, HTTPResponse]:
        idle = self._idle.setdefault(origin, deque())
        try:
            connection = idle.pop()
        except IndexError:
            connection = self._open(origin)
            return connection, _ask(connection, request)
        try:
            return connection, _ask(connection, request)
        except STALE:
            connection = self._open(origin)
            return connection, _ask(connection, request)

    def _read(self, origin: Origin, connection: HTTPConnection, response: HTTPResponse) -> Reply:
        try:
            body = response.read()
            if response.length is None and not response.chunked and response.getheader("Content-Length") is None:
                raise IncompleteRead(body)  # nothing says where the body ends, so a cut is invisible
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:
            self._idle[origin].append(connection)
        return Reply(response.status, body)

    def _open(self, origin: Origin) -> HTTPConnection:
        seconds = self._patience.connect_seconds
        connection = (
            HTTPSConnection(origin.host, origin.port, timeout=seconds, context=self._tls)
            if origin.scheme == "https"
            else HTTPConnection(origin.host, origin.port, timeout=seconds)
        )
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        connection.sock.settimeout(self._patience.read_seconds)
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _ask(connection: HTTPConnection, request: Request) -> HTTPResponse:
    target = f"{request.path}?{request.query}" if request.query else request.path
    try:
        connection.request(request.method, target, request.body or None, {"Host": request.host, **request.headers})
        return connection.getresponse()
    except BaseException:
        connection.close()
        raise
