"""Tokens of a local issuer, signed by `cryptography`, verified by us."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from fraud.access.client import Client
from fraud.access.guard import Call, Guard
from fraud.access.tokens import RsaKey, Tokens, fetch
from fraud.errors import FraudError, NotAllowedError, NotAuthenticError, UnavailableError

KEY, OTHER = generate_private_key(65537, 2048), generate_private_key(65537, 2048)
AUDIENCE = "fraud"


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(key: RSAPrivateKey, message: bytes) -> bytes:
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def jwk(key: RSAPrivateKey, kid: str) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "kid": kid, "n": url64(numbers.n.to_bytes(256, "big")), "e": "AQAB"}


class Issuer:
    """An OIDC issuer on loopback."""

    def __init__(self) -> None:
        self.keys, self.asked, issuer = [jwk(KEY, "k1")], 0, self

        class Visit(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                told = {"jwks_uri": f"{issuer.url}/keys"} if "openid" in self.path else {"keys": issuer.keys}
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Visit)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def token(self, key: RSAPrivateKey = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
        told = {
            "iss": self.url, "aud": AUDIENCE, "sub": "u-1", "email": "bob@example.com", "exp": 4_000_000_000,
            "scope": "openid models:read models:approve", **claims,
        }  # fmt: skip
        head = {"alg": "RS256", "kid": "k1", **(header or {})}
        message = f"{url64(json.dumps(head).encode())}.{url64(json.dumps(told).encode())}"
        return f"{message}.{url64(signed(key, message.encode()))}"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def tokens(issuer: Issuer) -> Tokens:
    issuer.keys = [jwk(KEY, "k1")]
    return Tokens(issuer.url, AUDIENCE, fetch)


def test_a_token_says_who_it_is_about_and_which_of_our_scopes_they_have(issuer: Issuer, tokens: Tokens) -> None:
    assert tokens.client(issuer.token()) == Client("oidc:bob@example.com", ("models:read", "models:approve"))
    assert tokens.client(issuer.token(aud=["x", AUDIENCE], scope=None, scp=["*"])).scopes == ()
    assert tokens.client(issuer.token(scope=["logs:read"], email=None)) == Client("oidc:u-1", ("logs:read",))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"exp": 1_600_000_000}, "token_expired"),
        ({"exp": None}, "invalid_token"),
        ({"exp": True}, "invalid_token"),
        ({"nbf": 4_000_000_000}, "invalid_token"),
        ({"iss": "https://evil.example"}, "invalid_token"),
        ({"aud": "another"}, "invalid_token"),
        ({"aud": ["another"]}, "invalid_token"),
        ({"aud": None}, "invalid_token"),
        ({"email": None, "sub": ""}, "invalid_token"),
        ({"key": OTHER}, "invalid_token"),
        ({"header": {"kid": "k9"}}, "invalid_token"),
        ({"header": {"alg": "none"}}, "invalid_token"),
        ({"header": {"alg": "HS256"}}, "invalid_token"),
        ({"header": {"crit": ["exp"]}}, "invalid_token"),
    ],
)
def test_any_other_token_is_refused(issuer: Issuer, tokens: Tokens, change: dict[str, Any], code: str) -> None:
    with pytest.raises(NotAuthenticError) as caught:
        tokens.client(issuer.token(**change))
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "..", "W10.W10.", "e30.e30.e30", "é.é.é"])
def test_what_is_no_token_is_refused(tokens: Tokens, text: str) -> None:
    with pytest.raises(NotAuthenticError):
        tokens.client(text)


def test_a_payload_changed_after_signing_is_refused(issuer: Issuer, tokens: Tokens) -> None:
    head, body, mark = issuer.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = url64(json.dumps({**claims, "scope": "*"}).encode())
    with pytest.raises(NotAuthenticError):
        tokens.client(f"{head}.{forged}.{mark}")


def test_a_new_key_of_the_issuer_is_found_once_a_minute(issuer: Issuer) -> None:
    # GIVEN an issuer that begins to sign with another key
    clock = [0.0]
    tokens = Tokens(issuer.url, AUDIENCE, fetch, monotonic=lambda: clock[0])
    issuer.keys = [jwk(KEY, "k1")]
    tokens.client(issuer.token())
    issuer.keys = [jwk(KEY, "k1"), jwk(OTHER, "k2")]
    fresh = issuer.token(key=OTHER, header={"kid": "k2"})
    before = issuer.asked

    # WHEN its tokens come at once / THEN the issuer is not asked by every one of them
    for _ in range(5):
        with pytest.raises(NotAuthenticError):
            tokens.client(fresh)
    assert issuer.asked == before
    clock[0] += 61
    assert tokens.client(fresh).name == "oidc:bob@example.com"


def test_with_the_issuer_away_known_keys_stay_known(issuer: Issuer) -> None:
    def away(url: str) -> bytes:
        raise OSError("no route")

    answers: list[Callable[[str], bytes]] = [fetch, fetch, away, away]
    clock = [0.0]
    tokens = Tokens(issuer.url, AUDIENCE, lambda url: answers.pop(0)(url), monotonic=lambda: clock[0])  # noqa: PLW0108
    tokens.client(issuer.token())
    clock[0] += 4000
    assert tokens.client(issuer.token()).name == "oidc:bob@example.com"
    with pytest.raises(FraudError) as caught:
        Tokens(issuer.url, AUDIENCE, away).client(issuer.token())
    assert caught.value.status == 503


def test_an_issuer_that_never_answers_is_not_waited_for_by_every_caller(issuer: Issuer) -> None:
    # GIVEN an instance that knows no key yet, and an issuer that is away
    clock, asked = [0.0], []

    def away(url: str) -> bytes:
        asked.append(url)
        raise OSError("no route")

    tokens = Tokens(issuer.url, AUDIENCE, away, monotonic=lambda: clock[0])

    # WHEN ten callers come
    for _ in range(10):
        with pytest.raises(UnavailableError):
            tokens.client(issuer.token())

    # THEN three of them waited; and half a minute later one asks again
    assert len(asked) == 3
    clock[0] += 31
    with pytest.raises(UnavailableError):
        tokens.client(issuer.token())
    assert len(asked) == 4


@given(st.binary(max_size=64), st.integers(0, 255), st.integers(1, 255))
def test_a_signature_holds_for_its_message_alone(message: bytes, place: int, flip: int) -> None:
    numbers = KEY.public_key().public_numbers()
    ours, mark = RsaKey(numbers.n, numbers.e), signed(KEY, message)
    broken = bytearray(mark)
    broken[place] ^= flip
    assert ours.verifies(mark, message)
    assert not ours.verifies(bytes(broken), message)
    assert not ours.verifies(mark, message + b"x")
    assert not ours.verifies(b"\0" + mark, message)


def test_a_weak_or_foreign_key_counts_for_nothing(issuer: Issuer) -> None:
    weak = generate_private_key(65537, 1024)  # noqa: S505 -- that is the point
    numbers = weak.public_key().public_numbers()
    issuer.keys = [{"kty": "RSA", "kid": "k1", "n": url64(numbers.n.to_bytes(128, "big")), "e": "AQAB"},
                   {"kty": "EC", "kid": "k2"}]  # fmt: skip
    with pytest.raises(NotAuthenticError):
        Tokens(issuer.url, AUDIENCE, fetch).client(issuer.token(key=weak))


def test_only_an_https_address_is_asked() -> None:
    for url in ("file:///etc/passwd", "http://169.254.169.254/keys"):
        with pytest.raises(ValueError, match="https"):
            fetch(url)


def test_a_token_opens_what_its_scopes_name_and_no_signed_change() -> None:
    bob = Client("oidc:bob", ("models:write",))
    call = Call("", True, None, bytes)

    class Nobody:
        def client(self, key_digest: str) -> Client | None:
            return None

        def remember(self, key_digest: str, message_id: str, until: int) -> bool:
            return True

    assert Guard(Nobody(), lambda: "m").admit_person(bob, call, "models:write") == bob
    with pytest.raises(NotAllowedError):
        Guard(Nobody(), lambda: "m").admit_person(bob, call, "models:approve")
    with pytest.raises(NotAuthenticError):
        Guard(Nobody(), lambda: "m", require_signing=True).admit_person(bob, call, "models:write")
