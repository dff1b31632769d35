"""Signatures over drops: Ed25519 (RFC 8032), detached, over the version and the SHA-256 of the file.

What is signed is the text `fraud-drop-v1`, the version and the lower-case hex digest, each on a line of its own: a
signature for one version or file says nothing about any other.
"""

import base64
import binascii

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_BYTES = 64
PUBLIC_KEY_BYTES = 32


class SigningKey(msgspec.Struct, frozen=True):
    """A public key that may sign drops: `public_key` is the base64 of its 32 raw bytes."""

    name: str
    public_key: str


def message(version: str, sha256: str) -> bytes:
    """The bytes that are signed."""
    return f"fraud-drop-v1\n{version}\n{sha256}\n".encode()


def sign(private_key: Ed25519PrivateKey, version: str, sha256: str) -> str:
    """The signature as base64 text: the content of `<file>.sig`."""
    return base64.b64encode(private_key.sign(message(version, sha256))).decode()


def signer(keys: list[SigningKey], version: str, sha256: str, signature: str) -> str | None:
    """The name of the known key that made the signature, or None for any other text."""
    raw = decoded(signature, SIGNATURE_BYTES)
    if raw is None:
        return None
    return next((key.name for key in keys if _made_by(key, raw, message(version, sha256))), None)


def decoded(text: str, length: int) -> bytes | None:
    """The bytes of a base64 text when there are exactly `length` of them."""
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == length else None


def _made_by(key: SigningKey, signature: bytes, signed: bytes) -> bool:
    public = decoded(key.public_key, PUBLIC_KEY_BYTES)
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except InvalidSignature:
        return False
    return True
