"""Tokens of an OIDC issuer, for people and the console: JWT (RFC 7519) signed with RS256 (RFC 7518 §3.3).

Verifying needs one modular power and a comparison, so it is done here rather than with a library of 14 MB in every
function; the tests hold it against `cryptography`.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any, TypeGuard

import msgspec

from fraud.access.client import SCOPES, Client
from fraud.breaker import Breaker
from fraud.clock import now
from fraud.errors import NotAuthenticError, UnavailableError
from fraud.observability import log

KEYS_SECONDS, UNKNOWN_KEY_SECONDS = 3600.0, 60.0
LEEWAY_SECONDS = 60
MIN_MODULUS_BITS = 2048
MAX_TOKEN = 8192
_SHA256_DER = bytes.fromhex("3031300d060960864801650304020105000420")  # DigestInfo prefix, RFC 8017 §9.2 note 1
Fetch = Callable[[str], bytes]


class RsaKey(msgspec.Struct, frozen=True):
    """A public key of the issuer: modulus and exponent."""

    n: int
    e: int

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2): the whole encoded message is built and compared."""
        size = (self.n.bit_length() + 7) // 8
        if len(signature) != size or int.from_bytes(signature, "big") >= self.n:
            return False
        digest = _SHA256_DER + hashlib.sha256(message).digest()
        expected = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
        found = pow(int.from_bytes(signature, "big"), self.e, self.n).to_bytes(size, "big")
        return hmac.compare_digest(found, expected)


class Tokens:
    """Knows the issuer's keys for an hour; a key it does not know makes it look again, once a minute at most."""

    def __init__(
        self, issuer: str, audience: str, fetch: Fetch, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer, self._audience, self._fetch, self._monotonic = issuer, audience, fetch, monotonic
        self._keys: dict[str, RsaKey] = {}
        self._read_at = float("-inf")
        self._breaker = Breaker("the token issuer", monotonic=monotonic)

    def client(self, token: str) -> Client:
        """Who the token is about, with those of its scopes that are ours.

        Raises NotAuthenticError (`invalid_token`, `token_expired`), UnavailableError when no key was ever read.
        """
        signed, _, mark = token.rpartition(".")
        head, _, body = signed.partition(".")
        header, claims, signature = _json(head), _json(body), _bytes(mark)
        if len(token) > MAX_TOKEN or header.get("alg") != "RS256" or "crit" in header:
            raise _invalid("is not a JWT signed with RS256")
        key = self._key(str(header.get("kid", "")))
        if key is None or not key.verifies(signature, signed.encode()):
            raise _invalid("is not signed by a key of the issuer")
        self._require_for_us(claims)
        return Client(_name(claims), _scopes(claims))

    def _require_for_us(self, claims: dict[str, Any]) -> None:
        audiences = claims.get("aud")
        if claims.get("iss") != self._issuer:
            raise _invalid("is of another issuer")
        if self._audience not in (audiences if isinstance(audiences, list) else [audiences]):
            raise _invalid("is for another audience")
        at, ends, begins = now().timestamp(), claims.get("exp"), claims.get("nbf", 0)
        if not _is_number(ends) or not _is_number(begins) or at < begins - LEEWAY_SECONDS:
            raise _invalid("does not say until when it is good, or is not good yet")
        if at >= ends + LEEWAY_SECONDS:
            raise NotAuthenticError("the token has expired", code="token_expired")

    def _key(self, kid: str) -> RsaKey | None:
        age = self._monotonic() - self._read_at
        if age > KEYS_SECONDS or (kid not in self._keys and age > UNKNOWN_KEY_SECONDS):
            self._read()
        return self._keys.get(kid)

    def _read(self) -> None:
        try:
            self._keys = self._breaker.call(self._published)
        except (UnavailableError, OSError, ValueError, KeyError, TypeError, msgspec.DecodeError) as exc:
            if not self._keys:
                raise UnavailableError(f"the keys of {self._issuer} cannot be read") from exc
            log("stale_issuer_keys", level="ERROR", error=type(exc).__name__)
        self._read_at = self._monotonic()

    def _published(self) -> dict[str, RsaKey]:
        told = msgspec.json.decode(self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"))
        found = msgspec.json.decode(self._fetch(told["jwks_uri"]))
        return {str(one["kid"]): key for one in found["keys"] if (key := _rsa(one))}


def fetch(url: str) -> bytes:
    """GET a small document over HTTPS (HTTP from loopback only); raises OSError, ValueError for another address."""
    from urllib.request import urlopen  # noqa: PLC0415 -- most instances never see a token

    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError(f"{url} is not an https address")
    with urlopen(url, timeout=3) as answer:  # noqa: S310 -- checked above; the operator names the issuer
        return bytes(answer.read(1 << 20))


def _rsa(jwk: dict[str, Any]) -> RsaKey | None:
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        return None
    key = RsaKey(int.from_bytes(_bytes(jwk["n"]), "big"), int.from_bytes(_bytes(jwk["e"]), "big"))
    return key if key.n.bit_length() >= MIN_MODULUS_BITS and key.e >= 3 and key.e % 2 else None


def _name(claims: dict[str, Any]) -> str:
    named = (claims.get(name) for name in ("email", "preferred_username", "sub"))
    name = next((one for one in named if isinstance(one, str) and 0 < len(one) <= 128), None)
    if name is None:
        raise _invalid("does not say who it is about")
    return f"oidc:{name}"


def _scopes(claims: dict[str, Any]) -> tuple[str, ...]:
    """`scope` as RFC 8693 §4.2 writes it, or a list as some issuers do."""
    told = claims.get("scope", claims.get("scp", ""))
    given = told if isinstance(told, list) else str(told).split(" ")
    return tuple(scope for scope in SCOPES if scope in given)


def _json(part: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(_bytes(part))
    except msgspec.DecodeError as exc:
        raise _invalid("is not a JWT") from exc
    if not isinstance(found, dict):
        raise _invalid("is not a JWT")
    return found


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise _invalid("is not a JWT") from exc


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _invalid(words: str) -> NotAuthenticError:
    return NotAuthenticError(f"the token {words}", code="invalid_token")
