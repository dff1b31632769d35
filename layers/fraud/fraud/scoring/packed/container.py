"""The binary container packed models and quarantine reports lie in.

    magic b"FRAUDPK1" | u32 LE header length | header JSON | zeros to a multiple of 8 | arrays

Each array starts on a multiple of 8 bytes and is little-endian. The JSON is `{"arrays": [[name, dtype, count]],
"header": {...}}` with sorted keys; the offsets follow from the counts, so arrays cannot overlap.
"""

import struct
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from fraud.errors import InvalidPackedModelError

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAGIC = b"FRAUDPK1"
MAX_HEADER_BYTES = 1 << 20
MAX_CONTAINER_BYTES = 256 << 20
MAX_ARRAYS = 4096
_FORMATS: dict[str, Literal["d", "i", "h", "B"]] = {"f8": "d", "i4": "i", "i2": "h", "u1": "B"}
_DTYPES: dict[str, str] = {code: dtype for dtype, code in _FORMATS.items()}
_START = len(MAGIC) + 4
_ALIGNMENT = 8


class _Layout(msgspec.Struct, forbid_unknown_fields=True):
    arrays: list[tuple[str, str, int]]
    header: dict[str, Any]


def encode(header: Mapping[str, Any], arrays: Mapping[str, "Buffer"]) -> bytes:
    """The container of a JSON-able header and C-contiguous arrays of f8, i4, i2 or u1.

    Deterministic: the same input gives the same bytes. Raises TypeError for any other kind of array.
    """
    views = {name: memoryview(array) for name, array in sorted(arrays.items())}
    layout = _Layout([(name, *_kind(name, view)) for name, view in views.items()], dict(header))
    text = msgspec.json.encode(layout, order="sorted")
    parts = [MAGIC, struct.pack("<I", len(text)), text, _padding(_START + len(text))]
    for view in views.values():
        parts += [view.tobytes(), _padding(view.nbytes)]
    return b"".join(parts)


def decode(data: bytes) -> "tuple[dict[str, Any], dict[str, memoryview[Any]]]":
    """The header and the arrays as flat views of their own type; nothing is copied.

    Raises InvalidPackedModelError unless the bytes are exactly what `encode` writes.
    """
    layout, position = _layout(data)
    views: dict[str, memoryview[Any]] = {}
    for name, dtype, count in layout.arrays:
        size = struct.calcsize(_FORMATS.get(dtype, "")) * count
        end = position + size
        if dtype not in _FORMATS or count < 0 or name in views or end > len(data):
            raise InvalidPackedModelError(f"array {name!r} is malformed or runs past the end")
        views[name] = memoryview(data)[position:end].cast("B").cast(_FORMATS[dtype])
        position = _skip_padding(data, end)
    if position != len(data):
        raise InvalidPackedModelError(f"{len(data) - position} bytes follow the last array")
    return layout.header, views


def _layout(data: bytes) -> tuple[_Layout, int]:
    if sys.byteorder != "little":
        raise InvalidPackedModelError("packed models need a little-endian machine")
    if len(data) > MAX_CONTAINER_BYTES or len(data) < _START or data[: len(MAGIC)] != MAGIC:
        raise InvalidPackedModelError(f"not a packed model: it does not start with {MAGIC.decode()}")
    (length,) = struct.unpack_from("<I", data, len(MAGIC))
    end = _START + length
    if length > MAX_HEADER_BYTES or end > len(data):
        raise InvalidPackedModelError(f"the header of {length} bytes is too long or cut off")
    try:
        layout = msgspec.json.decode(data[_START:end], type=_Layout)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise InvalidPackedModelError(f"the header cannot be read: {exc}") from exc
    if len(layout.arrays) > MAX_ARRAYS:
        raise InvalidPackedModelError(f"more than {MAX_ARRAYS} arrays")
    return layout, _skip_padding(data, end)


def _kind(name: str, view: "memoryview[Any]") -> tuple[str, int]:
    dtype = _DTYPES.get(view.format.lstrip("<"))
    if dtype is None or not view.c_contiguous:
        raise TypeError(f"array {name!r} is not a C-contiguous array of f8, i4, i2 or u1: {view.format!r}")
    return dtype, view.nbytes // view.itemsize


def _padding(length: int) -> bytes:
    return bytes(-length % _ALIGNMENT)


def _skip_padding(data: bytes, end: int) -> int:
    padding = data[end : end + (-end % _ALIGNMENT)]
    if len(padding) != -end % _ALIGNMENT or any(padding):
        raise InvalidPackedModelError(f"the padding at byte {end} is missing or not zero")
    return end + len(padding)
