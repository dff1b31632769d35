import struct
from array import array
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed import container

HEADER: dict[str, Any] = {"b": [1, 2.5, None, "é"], "a": {"z": True}}
ARRAYS: dict[str, Any] = {
    "x": array("d", [1.5, -0.0, 1e300]),
    "n": array("i", [-1, 7]),
    "s": array("h", [3]),
    "u": b"abc",
}


def test_a_container_gives_back_what_was_put_in() -> None:
    header, views = container.decode(container.encode(HEADER, ARRAYS))

    assert header == HEADER
    assert {name: list(view) for name, view in views.items()} == {name: list(a) for name, a in ARRAYS.items()}
    assert {name: view.format for name, view in views.items()} == {"x": "d", "n": "i", "s": "h", "u": "B"}


def test_the_same_content_gives_the_same_bytes_whatever_its_order() -> None:
    shuffled = {name: HEADER[name] for name in sorted(HEADER)}
    turned = dict(reversed(ARRAYS.items()))

    assert container.encode(HEADER, ARRAYS) == container.encode(shuffled, turned)


def test_every_array_starts_on_a_multiple_of_eight() -> None:
    data = container.encode({}, {"a": b"x", "b": array("d", [7.0])})

    assert data.index(struct.pack("<d", 7.0)) % 8 == 0
    assert len(data) % 8 == 0


@pytest.mark.parametrize("array_like", [array("f", [1.0]), array("q", [1]), memoryview(b"abcd")[::2]])
def test_an_array_of_another_kind_is_not_written(array_like: Any) -> None:
    with pytest.raises(TypeError, match="'x'"):
        container.encode({}, {"x": array_like})


def test_a_container_cut_off_anywhere_is_refused() -> None:
    data = container.encode(HEADER, ARRAYS)

    for length in range(len(data)):
        with pytest.raises(InvalidPackedModelError):
            container.decode(data[:length])


@settings(deadline=None)
@given(st.data())
def test_bytes_changed_anywhere_are_read_or_refused_but_never_crash(data: st.DataObject) -> None:
    honest = bytearray(container.encode(HEADER, ARRAYS))
    honest[data.draw(st.integers(0, len(honest) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InvalidPackedModelError):
        container.decode(bytes(honest))


def _raw(text: bytes, rest: bytes = b"") -> bytes:
    head = container.MAGIC + struct.pack("<I", len(text)) + text
    return head + bytes(-len(head) % 8) + rest


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a packed model"),
        (b"FRAUDPK0" + bytes(100), "not a packed model"),
        (container.MAGIC + struct.pack("<I", 2**31) + bytes(50), "too long or cut off"),
        (_raw(b"{}"), "cannot be read"),
        (_raw(b"\xff\xfe"), "cannot be read"),
        (_raw(b'{"arrays":[],"header":{},"more":1}'), "cannot be read"),
        (_raw(b'{"arrays":[],"header":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001), "cannot be read"),
        (_raw(b'{"arrays":[["x","f8",-1]],"header":{}}'), "malformed"),
        (_raw(b'{"arrays":[["x","f8",99999999999999999999]],"header":{}}'), "malformed"),
        (_raw(b'{"arrays":[["x","f8",4611686018427387905]],"header":{}}', bytes(8)), "malformed"),
        (_raw(b'{"arrays":[["x","f4",1]],"header":{}}', bytes(8)), "malformed"),
        (_raw(b'{"arrays":[["x","u1",1],["x","u1",1]],"header":{}}', bytes(16)), "malformed"),
        (_raw(b'{"arrays":[["x","u1",1]],"header":{}}', b"\1\1" + bytes(6)), "padding"),
        (_raw(b'{"arrays":[],"header":{}}', bytes(8)), "bytes follow"),
    ],
)
def test_a_malformed_container_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(InvalidPackedModelError, match=why):
        container.decode(data)
