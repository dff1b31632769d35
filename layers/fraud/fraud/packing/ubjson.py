"""Read UBJSON as XGBoost writes it: big-endian, objects without counts, lists with them.

Only what those files hold is read: null, booleans, numbers, text, lists and objects. Lengths are believed as far as the
file goes, and nothing nests deeper than MAX_DEPTH.
"""

from typing import Any

import numpy as np

from fraud.errors import InvalidArtefactError

MAX_DEPTH = 16
MAX_TEXT = 1 << 20
_NUMBERS = {b"i": ">i1", b"U": ">u1", b"I": ">i2", b"l": ">i4", b"L": ">i8", b"d": ">f4", b"D": ">f8"}
_INTEGERS = frozenset((b"i", b"U", b"I", b"l", b"L"))
_CONSTANTS = {b"Z": None, b"T": True, b"F": False}


def decode(data: bytes) -> Any:
    """The value in the bytes, as JSON has it; raises InvalidArtefactError."""
    reader = _Reader(data)
    value = reader.value(reader.take(1), 0)
    if reader.left:
        raise InvalidArtefactError(f"{reader.left} bytes follow the model")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if not 0 <= count <= self.left:
            raise InvalidArtefactError("the UBJSON is cut off")
        self._at += count
        return self._data[self._at - count : self._at]

    def value(self, kind: bytes, depth: int) -> Any:
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _NUMBERS:
            return self._numbers(kind, 1)[0]
        if kind == b"S":
            return self._text()
        if depth == MAX_DEPTH or kind not in (b"[", b"{"):
            raise InvalidArtefactError(f"the UBJSON nests deeper than {MAX_DEPTH} or holds the unknown type {kind!r}")
        return self._list(depth + 1) if kind == b"[" else self._object(depth + 1)

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (marker := self.take(1)) != b"}":
            self._at -= len(marker)
            key = self._text()
            if key in found:
                raise InvalidArtefactError(f"the UBJSON repeats the key {key[:40]!r}")
            found[key] = self.value(self.take(1), depth)
        return found

    def _list(self, depth: int) -> list[Any]:
        marker = self.take(1)
        kind = self.take(1) if marker == b"$" else None
        if kind is not None:
            marker = self.take(1)
        if marker != b"#":
            raise InvalidArtefactError("the UBJSON holds a list without a length")
        count = self._length()
        if kind is not None:
            return self._numbers(kind, count)
        return [self.value(self.take(1), depth) for _ in range(count)]

    def _numbers(self, kind: bytes, count: int) -> list[Any]:
        if kind not in _NUMBERS:
            raise InvalidArtefactError(f"the UBJSON holds a list of the unknown type {kind!r}")
        dtype = np.dtype(_NUMBERS[kind])
        return list(np.frombuffer(self.take(count * dtype.itemsize), dtype).tolist())

    def _text(self) -> str:
        length = self._length()
        if length > MAX_TEXT:
            raise InvalidArtefactError(f"the UBJSON holds a text of {length} bytes")
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError as exc:
            raise InvalidArtefactError("the UBJSON holds text that is not UTF-8") from exc

    def _length(self) -> int:
        kind = self.take(1)
        if kind not in _INTEGERS:
            raise InvalidArtefactError(f"the UBJSON holds a length of type {kind!r}")
        length = int(self._numbers(kind, 1)[0])
        if not 0 <= length <= self.left:
            raise InvalidArtefactError("the UBJSON is cut off")
        return length
