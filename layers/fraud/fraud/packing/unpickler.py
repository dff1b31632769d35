"""A pickle reader that builds what the allow-list names and refuses everything else."""

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np
import sklearn
from joblib.numpy_pickle import NumpyUnpickler
from sklearn.tree._tree import Tree

from fraud.errors import InvalidArtefactError
from fraud.packing.allowlist import rule, target
from fraud.packing.pickled_parts import (
    CheckedArrayWrapper,
    Unused,
    check_array_state,
    check_partial_state,
    check_tree_state,
    honest_dtype_state,
)
from fraud.packing.rehearsal import FORBIDDEN, refusal

_STATE_CHECKS: dict[type, Callable[[Any], None]] = {
    np.ndarray: check_array_state,
    Tree: check_tree_state,
    partial: check_partial_state,
}


class RestrictedUnpickler(NumpyUnpickler):  # type: ignore[misc]
    """joblib's unpickler with exact names, checked calls, and state only for objects it made itself.

    `trained_with`: the scikit-learn version the objects were saved by. Raises InvalidArtefactError naming the global
    that is not allowed, UnsupportedModelError when it is another library's or family's estimator.
    """

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = NumpyUnpickler.dispatch.copy()

    def __init__(self, stream: Any, size: int) -> None:
        super().__init__("", stream, ensure_native_byte_order=True)
        self._size = size
        self._callable: set[int] = set()
        self._creatable: set[type] = {CheckedArrayWrapper, Unused}
        self.trained_with: str | None = None

    def bytes_left(self) -> int:
        """How many bytes of the file are not read yet."""
        return int(self._size - self.file_handle.tell())

    def nested(self) -> Any:
        """The object of a pickle inside the pickle, under the same rules."""
        inner = RestrictedUnpickler(self.file_handle, self._size)
        found = inner.load()
        self.trained_with = self.trained_with or inner.trained_with
        return found

    def find_class(self, module: str, name: str) -> Any:
        """The permitted object behind a global."""
        full = f"{module}.{name}"
        allowed = rule(full)
        if allowed is None:
            raise refusal(module, name)
        found = target(full)
        if allowed.calls:
            self._callable.add(id(found))
        if allowed.creates:
            self._creatable.add(found)
        return found

    def load_reduce(self) -> None:
        """Call a function, only one the allow-list lets be called."""
        if id(self.stack[-2]) not in self._callable or type(self.stack[-1]) is not tuple:
            raise InvalidArtefactError("the pickle calls something that may not be called")
        super().load_reduce()

    def load_newobj(self) -> None:
        """Make an empty object, only of a class the allow-list lets be made."""
        if self.stack[-2] not in self._creatable or self.stack[-1] != ():
            raise InvalidArtefactError("the pickle makes an object that may not be made")
        super().load_newobj()

    def load_build(self) -> None:
        """Give an object its state, only one of those made here and never a class."""
        instance, state = self.stack[-2], self.stack[-1]
        if isinstance(instance, np.dtype):
            self.stack[-1] = honest_dtype_state(instance, state)
        else:
            self._check_state(instance, state)
        super().load_build()

    def _check_state(self, instance: Any, state: Any) -> None:
        if type(instance) in _STATE_CHECKS:
            _STATE_CHECKS[type(instance)](state)
        elif type(instance) not in self._creatable:
            raise InvalidArtefactError(f"the pickle gives state to a {type(instance).__name__}")
        elif type(instance) is not Unused:
            self._check_attributes(type(instance).__name__, state)

    def _check_attributes(self, name: str, state: Any) -> None:
        if type(state) is not dict or not all(type(key) is str for key in state):
            raise InvalidArtefactError(f"the state of a {name} is forged")
        version, ours = state.get("_sklearn_version", sklearn.__version__), _series(sklearn.__version__)
        if not isinstance(version, str) or _series(version) != ours:
            raise InvalidArtefactError(
                f"the {name} was saved by scikit-learn {str(version)[:20]}; this release reads {ours}"
            )
        if "_sklearn_version" in state:
            self.trained_with = version
            state["_sklearn_version"] = sklearn.__version__  # a patch release apart is no reason to warn

    def load_forbidden(self) -> None:
        """Refuse an opcode no scikit-learn pickle holds."""
        raise InvalidArtefactError("the pickle holds an instruction that is not allowed")

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_newobj
    dispatch[pickle.BUILD[0]] = load_build
    for _opcode in FORBIDDEN:
        dispatch[getattr(pickle, _opcode)[0]] = load_forbidden


def _series(version: str) -> str:
    return ".".join(version.split(".")[:2])
