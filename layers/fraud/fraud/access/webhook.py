"""Signed messages as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`, the body byte for byte.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from fraud.errors import NotAuthenticError

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"
ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
ID_MAX = 128
_canonical = msgspec.json.Encoder(order="sorted")


class Signature(msgspec.Struct, frozen=True):
    """The three headers of a signed message."""

    id: str
    timestamp: str
    signature: str


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature header's value; raises ValueError for a secret that is not `whsec_` and base64."""
    mac = hmac.new(_key(secret), f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What a sender adds to a message."""
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: sign(secret, message_id, timestamp, body),
    }


def require_authentic(secret: str, signed: Signature, body: bytes, now: float) -> None:
    """Raise NotAuthenticError unless the signature is of this body, and made within 5 minutes of `now`.

    The header may hold several signatures, separated by spaces; one that fits is enough.
    """
    if not signed.timestamp.isascii() or not signed.timestamp.isdigit() or len(signed.timestamp) > 12:
        raise NotAuthenticError("webhook-timestamp is not a number of seconds", code="request_signature_invalid")
    if not 0 < len(signed.id) <= ID_MAX or not signed.id.isascii() or not signed.id.isprintable():
        raise NotAuthenticError(f"webhook-id is not 1 to {ID_MAX} characters", code="request_signature_invalid")
    expected = sign(secret, signed.id, int(signed.timestamp), body).encode()
    given = signed.signature.encode("utf-8", "replace").split(b" ")
    if not any(hmac.compare_digest(expected, one) for one in given):
        raise NotAuthenticError("the signature is not of this body by this key", code="request_signature_invalid")
    if abs(now - int(signed.timestamp)) > TOLERANCE_SECONDS:
        words = f"the signature was made more than {TOLERANCE_SECONDS} s before or after now"
        raise NotAuthenticError(words, code="request_signature_stale")


def derived_secret(master: str, owner: str) -> str:
    """The signing secret of one key or sender, as `whsec_` text: HMAC-SHA256 of its name under the master secret.

    Nothing secret has to be stored beside a client, and a new key has a new secret.
    """
    mac = hmac.new(master.encode(), f"fraud-signing-v1\n{owner}\n".encode(), hashlib.sha256)
    return PREFIX + base64.b64encode(mac.digest()).decode()


EVENTS = "events"  # whose secret signs what goes out


def sealed(secret: str, message_id: str, timestamp: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with their signature, for carriers that parse JSON and so lose its bytes.

    `signed` holds `id`, `timestamp` and `signature`; the body that was signed is the JSON of everything else: keys
    sorted, no spaces, UTF-8.
    """
    body = _canonical.encode(facts)
    proof = {"id": message_id, "timestamp": timestamp, "signature": sign(secret, message_id, timestamp, body)}
    return {**facts, "signed": proof}


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        raise ValueError(f"a signing secret begins with {PREFIX}")
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as exc:
        raise ValueError("a signing secret is base64 after its prefix") from exc
