"""Signatures as Standard Webhooks defines them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.access.webhook import Signature, derived_secret, require_authentic, sign
from fraud.errors import NotAuthenticError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
GOOD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="  # the specification's reference libraries test with it


def code(signed: Signature, body: bytes = BODY, now: float = AT, secret: str = SECRET) -> str | None:
    """The code of the refusal, or None."""
    try:
        require_authentic(secret, signed, body, now)
    except NotAuthenticError as error:
        return error.code
    return None


def test_the_signature_is_the_one_other_libraries_make() -> None:
    assert sign(SECRET, ID, AT, BODY) == GOOD


def test_one_fitting_signature_among_several_is_enough() -> None:
    assert code(Signature(ID, str(AT), f"v1,bm90IHRoaXM= v2,x {GOOD}")) is None


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        (Signature(ID, str(AT), ""), "request_signature_invalid"),
        (Signature(ID, str(AT), GOOD.removeprefix("v1,")), "request_signature_invalid"),
        (Signature("other", str(AT), GOOD), "request_signature_invalid"),
        (Signature("", str(AT), GOOD), "request_signature_invalid"),
        (Signature("x" * 129, str(AT), GOOD), "request_signature_invalid"),
        (Signature(ID, str(AT + 1), GOOD), "request_signature_invalid"),
        (Signature(ID, f"{AT}.0", GOOD), "request_signature_invalid"),
        (Signature(ID, "9" * 5000, GOOD), "request_signature_invalid"),
        (Signature(ID, "٣", GOOD), "request_signature_invalid"),
    ],
)
def test_anything_else_is_refused(signed: Signature, expected: str) -> None:
    assert code(signed) == expected


@pytest.mark.parametrize(("off", "expected"), [(-301, "request_signature_stale"), (-300, None), (300, None),
                                               (301, "request_signature_stale")])  # fmt: skip
def test_five_minutes_are_tolerated_either_way(off: int, expected: str | None) -> None:
    assert code(Signature(ID, str(AT), GOOD), now=AT + off) == expected


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(0, 255))
def test_a_body_changed_in_one_byte_is_refused(body: bytes, place: int, byte: int) -> None:
    # GIVEN a signed body and a copy with one other byte
    changed = bytearray(body or b"x")
    changed[place % len(changed)] = byte
    signed = Signature(ID, str(AT), sign(SECRET, ID, AT, body))

    # WHEN the copy is checked / THEN it counts only if nothing changed
    assert (code(signed, bytes(changed)) is None) == (bytes(changed) == body)


def test_every_key_has_a_secret_of_its_own() -> None:
    secrets = {derived_secret(master, owner) for master in ("m1", "m2") for owner in ("a", "b")}
    assert len(secrets) == 4
    assert all(sign(secret, ID, AT, BODY) for secret in secrets)


@pytest.mark.parametrize("secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%"])
def test_a_text_that_is_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(ValueError, match="signing secret"):
        sign(secret, ID, AT, BODY)
