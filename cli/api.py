"""The Fraud Detection API as fraudctl calls it: JSON in, JSON out, every error a CliError."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from cli.errors import InvalidInputError, RefusedError, UnreachableError
from fraud.access import webhook

TIMEOUT_SECONDS = 35.0  # just above the 30 s the API's own functions have
PREFIX = "/api/v1"


@dataclass(frozen=True)
class Reply:
    """Status and JSON object of an answer; `text` is the body as it came."""

    status: int
    text: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Api:
    """One API, the key to call it with, and the secret to sign with, if calls are to be signed.

    Redirects are not followed: they would carry the key elsewhere.
    """

    url: str
    key: str
    secret: str | None = None

    def get(self, path: str, parameters: Mapping[str, object] | None = None, *, also: tuple[int, ...] = ()) -> Reply:
        """GET a path below /api/v1, leaving out parameters that are None; statuses in `also` are answers too.

        Raises UnreachableError and RefusedError.
        """
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        return self._call("GET", f"{path}?{urlencode(given)}" if given else path, None, also)

    def text(self, path: str, parameters: Mapping[str, str]) -> str:
        """GET a document that is no JSON; raises UnreachableError and RefusedError."""
        status, raw = self._exchange("GET", f"{path}?{urlencode(parameters)}", None)
        if not 200 <= status < 300:
            raise _refusal(status, _decoded(raw))
        return raw.decode(errors="replace")

    def post(self, path: str, body: object) -> Reply:
        """POST a JSON document to a path below /api/v1; raises UnreachableError and RefusedError."""
        return self._call("POST", path, json.dumps(body).encode(), ())

    def _call(self, method: str, path: str, body: bytes | None, also: tuple[int, ...]) -> Reply:
        status, raw = self._exchange(method, path, body)
        decoded = _decoded(raw)
        if not 200 <= status < 300 and status not in also:
            raise _refusal(status, decoded)
        if not isinstance(decoded, dict):
            raise RefusedError(status, "not_json", f"{self.url} answers something else than a JSON object")
        return Reply(status, raw.decode(), decoded)

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UnreachableError(f"{self.url!r} is not an http(s) URL")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
        told = {"x-api-key": self.key, "Content-Type": "application/json", "Accept": "application/json"}
        headers = {**told, **self._signature(body or b"")}
        try:
            connection.request(method, parts.path.rstrip("/") + PREFIX + path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException) as exc:
            raise UnreachableError(f"{self.url} does not answer: {exc or type(exc).__name__}") from exc
        finally:
            connection.close()

    def _signature(self, body: bytes) -> dict[str, str]:
        if self.secret is None:
            return {}
        try:
            return webhook.headers(self.secret, f"msg_{uuid.uuid4().hex}", int(time.time()), body)
        except ValueError as exc:
            raise InvalidInputError(str(exc)) from exc


def _decoded(raw: bytes) -> object:
    """The JSON value in a body, None when it is none."""
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _refusal(status: int, decoded: object) -> RefusedError:
    document = decoded if isinstance(decoded, dict) else {}
    error = document.get("error")
    if isinstance(error, dict):
        return RefusedError(
            status,
            str(error.get("code", "error")),
            str(error.get("message", "")),
            details=error.get("details") or (),
            request_id=error.get("request_id"),
        )
    # API Gateway's own refusals, before any function ran: {"message": "Forbidden"}
    return RefusedError(status, "gateway", str(document.get("message") or "no further words"))
