"""The caller behind an API key: what it may do, until when, and whether it signs what it sends."""

import hashlib

import msgspec

from fraud.errors import NotAllowedError

EVERYTHING = "*"
SCOPES = (
    "predict",
    "labels:write",
    "models:read",
    "models:write",
    "models:deploy",
    "models:approve",
    "logs:read",
    "metrics:read",
    "audit:read",
    EVERYTHING,
)
SCORING_SCOPES = ("predict", "labels:write", "models:read", "logs:read", "metrics:read")


class Client(msgspec.Struct, frozen=True, omit_defaults=True):
    """A caller: a name for histories and what its key is worth. Times are seconds since 1970.

    `key_id` is what API Gateway calls the key; the key itself is stored nowhere.
    """

    name: str
    scopes: tuple[str, ...]
    key_id: str = ""
    created_at: str = ""
    not_after: int | None = None
    revoked_at: str | None = None
    signs: bool = False

    def require_valid(self, now: float) -> None:
        """Raise NotAllowedError for a key that was revoked or has expired."""
        if self.revoked_at is not None:
            raise NotAllowedError(f"this key of client {self.name} was revoked", code="key_revoked")
        if self.not_after is not None and now >= self.not_after:
            raise NotAllowedError(f"this key of client {self.name} has expired", code="key_expired")

    def require_scope(self, scope: str) -> None:
        """Raise NotAllowedError without the scope."""
        if scope not in self.scopes and EVERYTHING not in self.scopes:
            raise NotAllowedError(f"client {self.name} has no scope {scope}")


ADMIN = Client("admin", (EVERYTHING,))
SCORING = Client("scoring", SCORING_SCOPES)


def digest(api_key: str) -> str:
    """SHA-256 (hex) of a key: what a client is stored under."""
    return hashlib.sha256(api_key.encode("utf-8", "replace")).hexdigest()


def client_pk(key_digest: str) -> str:
    """Partition of a client in the registry table."""
    return f"CLIENT#{key_digest}"
