"""A signature is good for one version and one file, by a known key; anything else is no signature."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from fraud.access.signing import SigningKey, sign, signer
from fraud.errors import InvalidArtefactError
from fraud.versions.trust import Trust

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = SigningKey("release", base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode())
DIGEST = "a" * 64
SIGNATURE = sign(PRIVATE, "v1.0.0", DIGEST)


def test_the_signer_is_named() -> None:
    other = SigningKey("other", base64.b64encode(bytes(31) + b"\x01").decode())
    assert signer([other, KEY], "v1.0.0", DIGEST, SIGNATURE + "\n") == "release"


@pytest.mark.parametrize(
    ("version", "digest", "keys"),
    [("v1.0.1", DIGEST, [KEY]), ("v1.0.0", "b" * 64, [KEY]), ("v1.0.0", DIGEST, [])],
)
def test_a_signature_says_nothing_about_another_version_file_or_key(
    version: str, digest: str, keys: list[SigningKey]
) -> None:
    assert signer(keys, version, digest, SIGNATURE) is None


@given(st.integers(0, 63), st.integers(1, 255))
def test_a_changed_signature_is_none(place: int, flip: int) -> None:
    raw = bytearray(base64.b64decode(SIGNATURE))
    raw[place] ^= flip
    assert signer([KEY], "v1.0.0", DIGEST, base64.b64encode(raw).decode()) is None


@given(st.text(max_size=100))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert signer([KEY, SigningKey("broken", "zzz")], "v1.0.0", DIGEST, text) is None


def test_unsigned_drops_are_refused_only_where_signatures_are_required() -> None:
    assert Trust(lambda: [KEY]).signer_of("v1.0.0", DIGEST, None) is None
    with pytest.raises(InvalidArtefactError) as refused:
        Trust(lambda: [KEY], required=True).signer_of("v1.0.0", DIGEST, None)
    assert refused.value.code == "signature_required"


@pytest.mark.parametrize("required", [True, False])
def test_a_wrong_signature_is_refused_even_where_none_is_required(required: bool) -> None:
    with pytest.raises(InvalidArtefactError) as refused:
        Trust(lambda: [KEY], required).signer_of("v1.0.1", DIGEST, SIGNATURE)
    assert refused.value.code == "invalid_signature"
