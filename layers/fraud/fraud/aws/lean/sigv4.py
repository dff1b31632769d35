"""AWS Signature Version 4 of a request in hand.

Formula: AWS General Reference, "Create a signed AWS API request". The tests hold every header, byte for byte,
against botocore's `SigV4Auth` and `S3SigV4Auth`.
"""

import hmac
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

from msgspec import Struct

from fraud.errors import UnavailableError

ALGORITHM = "AWS4-HMAC-SHA256"

# Proxies and tracing change these under way, so a signature over them would break.
UNSIGNED_HEADERS = frozenset(
    [
        "baggage",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
    ]
)


class Credentials(Struct, frozen=True):
    """What signs a request; its text form never shows the secret."""

    access_key: str
    secret_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials({self.access_key})"


class Request(Struct, frozen=True):
    """A request as it goes over the wire: `path` and `query` are already percent-encoded.

    `host` is the value of the Host header: with the port unless it is the scheme's own.
    """

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def environment_credentials() -> Credentials:
    """The credentials Lambda keeps in the environment, read anew so that none is ever out of date.

    Raises UnavailableError when there are none.
    """
    access_key = os.environ.get("AWS_ACCESS_KEY_ID")
    secret_key = os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not access_key or not secret_key:
        raise UnavailableError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
    return Credentials(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN") or None)


def encode_path(path: str) -> str:
    """A path percent-encoded once, as it goes over the wire; slashes stay."""
    return quote(path, safe="/~")


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string percent-encoded as the signature wants it (a space is %20, never +)."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)


def sign(request: Request, *, service: str, region: str, credentials: Credentials, now: datetime) -> dict[str, str]:
    """The request's headers with those added that authenticate it; `now` must be in UTC."""
    timestamp = now.strftime("%Y%m%dT%H%M%SZ")
    digest = sha256(request.body).hexdigest()
    headers = {**request.headers, "X-Amz-Date": timestamp}
    if credentials.session_token:
        headers["X-Amz-Security-Token"] = credentials.session_token
    if service == "s3":
        headers["X-Amz-Content-SHA256"] = digest
    signed = _signed_headers(headers, request.host)
    names = ";".join(name for name, _ in signed)
    scope = f"{timestamp[:8]}/{region}/{service}/aws4_request"
    canonical = _canonical_request(request, service, signed, digest)
    text = "\n".join((ALGORITHM, timestamp, scope, sha256(canonical.encode()).hexdigest()))
    key = _signing_key(credentials.secret_key, timestamp[:8], region, service)
    signature = hmac.new(key, text.encode(), sha256).hexdigest()
    credential = f"{credentials.access_key}/{scope}"
    headers["Authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return headers


def _signed_headers(headers: Mapping[str, str], host: str) -> list[tuple[str, str]]:
    lowered = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    return sorted((name, value) for name, value in ({"host": host} | lowered).items() if name not in UNSIGNED_HEADERS)


def _canonical_request(request: Request, service: str, signed: list[tuple[str, str]], body_digest: str) -> str:
    # S3 takes the path as sent; every other service normalises it and encodes it a second time.
    path = request.path if service == "s3" else encode_path(_normalised(request.path))
    pairs = sorted(pair.partition("=")[::2] for pair in request.query.split("&")) if request.query else []
    return "\n".join(
        (
            request.method,
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(f"{name}:{value}\n" for name, value in signed),
            ";".join(name for name, _ in signed),
            body_digest,
        )
    )


def _normalised(path: str) -> str:
    """The path without empty, `.` and `..` segments (RFC 3986 §5.2.4)."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            segments.append(segment)
    inner = "/".join(segments)
    return f"/{inner}/" if inner and path.endswith("/") else f"/{inner}"


@lru_cache(maxsize=8)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), sha256).digest()
    return key
