"""Typed reading of a container's arrays: each by name, with the type and length the program needs."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from fraud.errors import InvalidPackedModelError


class Arrays:
    """The arrays of one packed model; remembers which were read so that none can be left over."""

    def __init__(self, views: Mapping[str, "memoryview[Any]"]) -> None:
        self._views = views
        self._read: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether there is an array of this name."""
        return name in self._views

    def floats(self, name: str, length: int | None = None) -> list[float]:
        """A float64 array as a list of finite numbers; raises InvalidPackedModelError otherwise."""
        numbers: list[float] = self._view(name, "d", length).tolist()
        if not all(map(isfinite, numbers)):
            raise InvalidPackedModelError(f"array {name!r} holds NaN or infinity")
        return numbers

    def integers(self, name: str, code: str, length: int | None = None) -> list[int]:
        """An integer array as a list; `code` is the struct code "i", "h" or "B" of its type."""
        numbers: list[int] = self._view(name, code, length).tolist()
        return numbers

    def refuse_leftovers(self) -> None:
        """Raise InvalidPackedModelError when an array was never asked for."""
        unread = sorted(self._views.keys() - self._read)
        if unread:
            raise InvalidPackedModelError(f"unknown arrays: {', '.join(unread[:5])}")

    def _view(self, name: str, code: str, length: int | None) -> Any:
        view = self._views.get(name)
        if view is None or view.format != code or (length is not None and len(view) != length):
            wanted = "" if length is None else f" of {length} numbers"
            raise InvalidPackedModelError(f"there is no array {name!r} of type {code!r}{wanted}")
        self._read.add(name)
        return view
