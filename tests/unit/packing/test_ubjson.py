import struct
from typing import Any

import numpy as np
import pytest

from fraud.errors import InvalidArtefactError
from fraud.packing.ubjson import MAX_DEPTH, decode


def text(value: str) -> bytes:
    """A key: its length and its letters."""
    return b"L" + struct.pack(">q", len(value.encode())) + value.encode()


def encoded(value: Any) -> bytes:
    """UBJSON as XGBoost writes it: numpy arrays as typed lists, everything else with its own marker."""
    if isinstance(value, dict):
        return b"{" + b"".join(text(key) + encoded(item) for key, item in value.items()) + b"}"
    if isinstance(value, np.ndarray):
        kind = {"f": b"d", "i": b"l", "u": b"U"}[value.dtype.kind]
        wide = value.astype({b"d": ">f4", b"l": ">i4", b"U": ">u1"}[kind])
        return b"[$" + kind + b"#L" + struct.pack(">q", len(value)) + wide.tobytes()
    if isinstance(value, list):
        return b"[#L" + struct.pack(">q", len(value)) + b"".join(map(encoded, value))
    if isinstance(value, bool) or value is None:
        return {None: b"Z", True: b"T", False: b"F"}[value]
    if isinstance(value, int):
        return b"l" + struct.pack(">i", value)
    return b"S" + text(value) if isinstance(value, str) else b"D" + struct.pack(">d", value)


def test_what_was_written_is_read() -> None:
    value = {"a": [1, -2, "é", None, True, False, 2.5], "b": {"c": {}, "d": []}}

    assert decode(encoded(value)) == value


def test_typed_lists_are_read_in_their_own_precision() -> None:
    single = np.array([0.1, -2.5], dtype=np.float32)

    assert decode(encoded(single)) == [float(number) for number in single]
    assert decode(encoded(np.array([7, -7]))) == [7, -7]
    assert decode(encoded(np.array([255], dtype=np.uint8))) == [255]


@pytest.mark.parametrize(
    ("kind", "content", "number"), [(b"i", b"\xff", -1), (b"U", b"\xff", 255), (b"I", b"\1\0", 256)]
)
def test_short_integers_are_read(kind: bytes, content: bytes, number: int) -> None:
    assert decode(kind + content) == number


HUGE = b"L" + struct.pack(">q", 1 << 60)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "cut off"),
        (b"{", "cut off"),
        (b"[$d#" + HUGE, "cut off"),
        (b"[#" + HUGE, "cut off"),
        (b"[$T#" + HUGE, "cut off|unknown type"),
        (b"[$T#i\1T", "unknown type"),
        (b"[$[#i\1[", "unknown type"),
        (b"[i\1i\2]", "without a length"),
        (b"[#d\0\0\0\0", "length of type"),
        (b"[#L" + struct.pack(">q", -1), "cut off"),
        (b"S" + HUGE, "cut off"),
        (b"Si\2\xff\xfe", "not UTF-8"),
        (b"N", "unknown type"),
        (b"C7", "unknown type"),
        (b"{i\1ai\1i\1ai\1}", "repeats the key"),
        (b"{}{}", "2 bytes follow"),
        (b"[#i\1" * (MAX_DEPTH + 1) + b"Z", "nests deeper"),
        (b"[#i\1" * 100_000, "nests deeper"),
        (b"{i\1a" * 100_000, "nests deeper"),
    ],
)
def test_anything_else_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(InvalidArtefactError, match=why):
        decode(data)


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidArtefactError, match="a text of"):
        decode(b"S" + text("x" * ((1 << 20) + 1)))
