"""The one decision about a call: whose key it is, whether it is still good, signed if it must be, and allowed this.

Every function asks it, `predict` included, so it imports nothing heavy.
"""

import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from fraud.access.client import Client, digest
from fraud.access.webhook import TOLERANCE_SECONDS, Signature, derived_secret, require_authentic
from fraud.clock import now
from fraud.errors import NotAllowedError, NotAuthenticError, UnavailableError
from fraud.observability import log

CACHE_SECONDS = 60.0
RETRY_SECONDS = 5.0  # an unreadable table is asked again this much later
CACHED_CLIENTS = 1000
UNSIGNED_SCOPES = ("predict", "labels:write")  # data in, never a change of what is live


class Source(Protocol):
    """Where clients are read and signed ids remembered (`access.store`)."""

    def client(self, key_digest: str) -> Client | None: ...
    def remember(self, key_digest: str, message_id: str, until: int) -> bool: ...


class Call(msgspec.Struct, frozen=True):
    """What the guard looks at of a request; `body` gives its bytes as they came."""

    api_key: str
    changes: bool
    signature: Signature | None
    body: Callable[[], bytes]


class Guard:
    """Knows clients for at most 60 s; when the table cannot be read, those it knew before stay known."""

    def __init__(
        self,
        source: Source,
        master_secret: Callable[[], str],
        *,
        require_signing: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._fetch, self._require_signing = source, master_secret, require_signing
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, Client]] = {}
        self._master = ""

    def admit(self, call: Call, scope: str) -> Client:
        """The client that calls; raises NotAllowedError, NotAuthenticError, UnavailableError.

        A signed message is remembered last, so only one that is allowed uses its id up.
        """
        key = digest(call.api_key)
        client = self._client(key) if call.api_key else None
        if client is None:
            raise NotAllowedError("send a known API key in the x-api-key header", code="missing_or_unknown_key")
        client.require_valid(now().timestamp())
        must = client.signs or (self._require_signing and call.changes and scope not in UNSIGNED_SCOPES)
        if must or call.signature:
            self._require_authentic(key, call)
        client.require_scope(scope)
        if call.signature:
            self._require_first(key, call.signature)
        return client

    def admit_person(self, client: Client, call: Call, scope: str) -> Client:
        """A client that proved itself by a token; where changes must be signed, a token is not enough for one."""
        if self._require_signing and call.changes and scope not in UNSIGNED_SCOPES:
            raise NotAuthenticError("this call must be signed, which needs a key of your own instead of a token")
        client.require_scope(scope)
        return client

    def _client(self, key: str) -> Client | None:
        until, held = self._known.get(key, (0.0, None))
        if held and self._monotonic() < until:
            return held
        try:
            found = self._source.client(key)
        except UnavailableError as error:
            if held is None:
                raise
            log("stale_client", level="ERROR", client=held.name, code=error.code)
            self._keep(key, held, RETRY_SECONDS)
            return held
        if found:
            self._keep(key, found, CACHE_SECONDS)
        else:
            self._known.pop(key, None)
        return found

    def _keep(self, key: str, client: Client, seconds: float) -> None:
        self._known.pop(key, None)
        while len(self._known) >= CACHED_CLIENTS:
            self._known.pop(next(iter(self._known)))
        self._known[key] = (self._monotonic() + seconds, client)

    def _require_authentic(self, key: str, call: Call) -> None:
        if call.signature is None:
            raise NotAuthenticError("this call must be signed: webhook-id, webhook-timestamp, webhook-signature")
        self._master = self._master or self._fetch()
        secret = derived_secret(self._master, key)
        require_authentic(secret, call.signature, call.body(), now().timestamp())

    def _require_first(self, key: str, signature: Signature) -> None:
        until = int(signature.timestamp) + 2 * TOLERANCE_SECONDS
        if not self._source.remember(key, signature.id, until):
            raise NotAuthenticError(f"message {signature.id} was received before", code="request_replayed")
