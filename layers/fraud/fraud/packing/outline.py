"""The outline of a pickled object: what it is called and what it holds, without the object itself.

An object that is small in a file can be endless to walk: shared parts that double at each level, or a part that
contains its own container. Both are refused here, before anything recursive sees them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fraud.errors import InvalidArtefactError

MAX_DEPTH = 200
MAX_WEIGHT = 5_000_000
TEXT_UNIT = 64  # letters that weigh as much as one part
BYTES_UNIT = 4096
LARGEST_KEY = 1 << 60  # beyond it integers can be chosen to collide in a dictionary
_BACK_REFERENCES = ("builtins.getattr", "__builtin__.getattr")  # to an object from within its own state
_SCALAR = ("numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar")


class Name:
    """A global, by its full name."""

    __slots__ = ("full",)

    def __init__(self, full: str) -> None:
        self.full = full


class Made:
    """What a global made: its full name, then the arguments and states it was given."""

    __slots__ = ("full", "parts")

    def __init__(self, full: str, parts: list[object]) -> None:
        self.full, self.parts = full, parts

    def __setitem__(self, key: object, value: object) -> None:
        """An entry of what is a dictionary of its own kind."""
        self.parts += (key, value)


class _Visit(NamedTuple):
    """A compound that is being walked: what is left of it."""

    node: object
    rest: Iterator[object]


def check_outline(root: object) -> None:
    """InvalidArtefactError for an outline that holds itself, nests too deep, or is too large written out in full."""
    weights: dict[int, int] = {}
    path: list[_Visit] = []
    open_: set[int] = set()
    _enter(root, path, open_, weights)
    while path:
        part = next(path[-1].rest, None)
        if part is None:
            _leave(path, open_, weights)
        elif id(part) in open_:
            raise InvalidArtefactError("the pickle is not safe: an object holds itself")
        elif id(part) in weights:
            _add(path, weights, weights[id(part)])
        else:
            _enter(part, path, open_, weights)


def check_keys(keys: Iterable[object]) -> None:
    """InvalidArtefactError for dictionary keys and set members but text, numbers and the like.

    Tuples may take for ever to hash, and large integers can all be given one hash.
    """
    for key in keys:
        number = isinstance(key, int | float) and -LARGEST_KEY < key < LARGEST_KEY
        scalar = isinstance(key, Made) and key.full in _SCALAR
        if not (number or scalar or key is None or isinstance(key, str | bytes)):
            raise InvalidArtefactError("the pickle is not safe: a dictionary or set has a key that is no plain value")


def _enter(node: object, path: list[_Visit], open_: set[int], weights: dict[int, int]) -> None:
    if len(path) == MAX_DEPTH:
        raise InvalidArtefactError(f"the pickle is not safe: it nests deeper than {MAX_DEPTH}")
    parts = _parts(node)
    path.append(_Visit(node, iter([part for part in parts if isinstance(part, _COMPOUND)])))
    open_.add(id(node))
    weights[id(node)] = 1 + sum(map(_weight, parts))


def _leave(path: list[_Visit], open_: set[int], weights: dict[int, int]) -> None:
    done = id(path.pop().node)
    open_.remove(done)
    if path:
        _add(path, weights, weights[done])
    elif weights[done] > MAX_WEIGHT:
        raise _too_large()


def _add(path: list[_Visit], weights: dict[int, int], weight: int) -> None:
    weights[id(path[-1].node)] += weight
    if weights[id(path[-1].node)] > MAX_WEIGHT:
        raise _too_large()


def _parts(node: object) -> Iterable[object]:
    if isinstance(node, Made):
        return () if node.full in _BACK_REFERENCES else node.parts
    if isinstance(node, dict):
        return [*node.keys(), *node.values()]
    return node if isinstance(node, list | tuple | set | frozenset) else (node,)


def _weight(part: object) -> int:
    if isinstance(part, str):
        return 1 + len(part) // TEXT_UNIT
    return 1 + len(part) // BYTES_UNIT if isinstance(part, bytes | bytearray) else 1


def _too_large() -> InvalidArtefactError:
    return InvalidArtefactError("the pickle is not safe: what it describes is far larger than the file")


_COMPOUND = (Made, list, tuple, dict, set, frozenset)
