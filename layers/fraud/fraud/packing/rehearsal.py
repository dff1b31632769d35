"""Follow a pickle without building anything: every instruction is read, every name checked, nothing imported.

What is hostile is refused here in milliseconds, before scikit-learn exists in the process, and what the real reader
then builds has a size that was measured first. The real reader checks again what it is given.
"""

import importlib
import pickle
import re
from collections.abc import Callable
from math import prod
from mmap import mmap
from typing import Any, ClassVar

from fraud.errors import InvalidArtefactError, RejectedArtefactError, UnsupportedModelError
from fraud.packing import allowlist
from fraud.packing.outline import Made, Name, check_keys, check_outline

MAX_INSTRUCTIONS = 1_000_000
MAX_NESTED = 8
FORBIDDEN = (  # ways around names and calls, and what Python writes in no protocol from 2 to 5
    *("EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "INST", "OBJ", "NEWOBJ_EX", "NEXT_BUFFER", "READONLY_BUFFER"),
    *("DUP", "INT", "LONG", "LONG4", "FLOAT", "STRING", "UNICODE", "LIST", "DICT", "GET", "PUT"),
)
_MODEL_PACKAGES = ("sklearn", "lightgbm", "xgboost", "catboost", "imblearn")
_ITEM = re.compile(r"[biufV](\d{1,4})|U(\d{1,4})|(O)8")
_Reader: Any = pickle._Unpickler
Step = Callable[[Any], None]


def rehearse(stream: mmap, size: int) -> None:
    """Read a whole pickle of `size` bytes; all it ever raises is InvalidArtefactError or UnsupportedModelError."""
    machine = Rehearsal(stream, size)
    try:
        check_outline(machine.load())
    except RejectedArtefactError:
        raise
    except Exception as exc:  # hostile bytes can make an unpickler raise anything
        raise InvalidArtefactError(f"the pickle cannot be read: {type(exc).__name__}: {str(exc)[:200]}") from exc
    if machine.bytes_left():
        raise InvalidArtefactError(f"{machine.bytes_left()} bytes follow the pickle")


def refusal(module: str, name: str) -> InvalidArtefactError | UnsupportedModelError:
    """Why a global may not be used: another library's or family's estimator, or a name that has no business here."""
    full = ascii(f"{module}.{name}"[:200]).strip("'")
    if module.partition(".")[0] in _MODEL_PACKAGES and name[:1].isupper():
        supported = importlib.import_module("fraud.packing.families").FAMILIES.supported
        return UnsupportedModelError(f"{full} cannot be packed exactly; supported: {supported}")
    return InvalidArtefactError(
        f"the pickle refers to {full}, which is none of the {len(allowlist.NAMES)} names allowed"
    )


class Rehearsal(_Reader):  # type: ignore[misc]
    """Python's own reader of pickles, with outlines in the place of objects."""

    dispatch: ClassVar[dict[int, Step]] = {}

    def __init__(self, stream: mmap, size: int, *, instructions: int = MAX_INSTRUCTIONS, nested: int = 0) -> None:
        super().__init__(stream)
        self._stream, self._size = stream, size
        self._left, self._nested = instructions, nested

    def bytes_left(self) -> int:
        """How many bytes of the file are not read yet."""
        return self._size - self._stream.tell()

    def count(self) -> None:
        """One more instruction."""
        self._left -= 1
        if self._left < 0:
            raise InvalidArtefactError(f"the pickle holds more than {MAX_INSTRUCTIONS} instructions")

    def find_class(self, module: str, name: str) -> Name:
        """The name of a permitted global."""
        full = f"{module}.{name}"
        if allowlist.rule(full) is None:
            raise refusal(module, name)
        return Name(full)

    def load_reduce(self) -> None:
        """The outline of a call."""
        arguments, called = self.stack.pop(), self.stack.pop()
        rule = allowlist.rule(called.full) if isinstance(called, Name) else None
        if not rule or not rule.calls or type(arguments) is not tuple:
            raise InvalidArtefactError("the pickle calls something that may not be called")
        self.append(Made(called.full, [arguments]))

    def load_newobj(self) -> None:
        """The outline of an empty object."""
        arguments, made = self.stack.pop(), self.stack.pop()
        rule = allowlist.rule(made.full) if isinstance(made, Name) else None
        if not rule or not rule.creates or arguments != ():
            raise InvalidArtefactError("the pickle makes an object that may not be made")
        self.append(Made(made.full, []))

    def load_build(self) -> None:
        """Add the state to an object's outline; an array's content is passed over."""
        state, instance = self.stack.pop(), self.stack[-1]
        if not isinstance(instance, Made):
            raise InvalidArtefactError(f"the pickle gives state to a {type(instance).__name__}")
        instance.parts.append(state)
        if instance.full == allowlist.ARRAY_WRAPPER:
            self.stack[-1] = Made(allowlist.ARRAY, [self._pass_over(state)])

    def _pass_over(self, state: object) -> object:
        if type(state) is not dict:
            raise InvalidArtefactError("the description of an array is forged")
        shape, item = state.get("shape"), _item(state.get("dtype"))
        if item is None or type(shape) is not tuple or not all(type(side) is int and side >= 0 for side in shape):
            raise InvalidArtefactError("the description of an array is forged")
        number, letters, objects = item.groups()
        if objects:
            return self._inner()
        if state.get("numpy_array_alignment_bytes") is not None:
            self._skip(self._stream.read(1)[0])
        self._skip(prod(shape) * (int(number) if number else 4 * int(letters)))
        return None

    def _inner(self) -> object:
        """The outline of the pickle an array of objects is written as."""
        if self._nested == MAX_NESTED:
            raise InvalidArtefactError("arrays of objects nest too deep")
        inner = Rehearsal(self._stream, self._size, instructions=self._left, nested=self._nested + 1)
        found = inner.load()
        self._left = inner._left
        return found

    def _skip(self, count: int) -> None:
        if count > self.bytes_left():
            raise InvalidArtefactError("the pickle is not safe: an array is cut off")
        self._stream.seek(count, 1)

    def load_setitem(self) -> None:
        """One entry of a dictionary."""
        _check_type(self.stack[-3], dict)
        check_keys(self.stack[-2:-1])
        super().load_setitem()

    def load_setitems(self) -> None:
        """Entries of a dictionary."""
        _check_type(self.metastack[-1][-1], dict)
        check_keys(self.stack[::2])
        super().load_setitems()

    def load_append(self) -> None:
        """One item of a list."""
        _check_type(self.stack[-2], list)
        super().load_append()

    def load_appends(self) -> None:
        """Items of a list."""
        _check_type(self.metastack[-1][-1], list)
        super().load_appends()

    def load_additems(self) -> None:
        """Members of a set."""
        _check_type(self.metastack[-1][-1], set)
        check_keys(self.stack)
        super().load_additems()

    def load_frozenset(self) -> None:
        """A frozen set."""
        check_keys(self.stack)
        super().load_frozenset()

    def load_bytearray8(self) -> None:
        """Bytes that may be changed; the standard reader reserves whatever length is claimed."""
        self.append(bytearray(self.read(min(int.from_bytes(self.read(8), "little"), self._size))))

    def load_forbidden(self) -> None:
        """Refuse an instruction no scikit-learn pickle holds."""
        raise InvalidArtefactError("the pickle holds an instruction that is not allowed")


def _item(dtype: object) -> re.Match[str] | None:
    """The code of an array's dtype, taken apart."""
    if not isinstance(dtype, Made) or dtype.full != "numpy.dtype":
        return None
    arguments = dtype.parts[0]
    code = arguments[0] if isinstance(arguments, tuple) and arguments else None
    return _ITEM.fullmatch(code) if isinstance(code, str) else None


def _check_type(target: object, kind: type) -> None:
    ours = isinstance(target, Made) and target.full in allowlist.DICTIONARIES and kind is dict
    if type(target) is not kind and not ours:
        raise InvalidArtefactError(f"the pickle fills a {type(target).__name__} as if it were a {kind.__name__}")


def _counted(step: Step) -> Step:
    def counting(machine: Rehearsal) -> None:
        machine.count()
        step(machine)

    return counting


def _steps() -> dict[int, Step]:
    forbidden = {getattr(pickle, name)[0] for name in FORBIDDEN}
    ours = {code: getattr(Rehearsal, standard.__name__) for code, standard in _Reader.dispatch.items()}
    return {code: Rehearsal.load_forbidden if code in forbidden else _counted(step) for code, step in ours.items()}


Rehearsal.dispatch = _steps()
