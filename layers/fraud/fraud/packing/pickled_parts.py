"""Stand-ins for the functions a scikit-learn pickle calls: each does what the original does, to checked arguments.

Names alone are not enough: a forged dtype turns bytes into pointers, a forged tree reads beyond its arrays. All raise
InvalidArtefactError.
"""

import re
from datetime import date, datetime, timezone
from functools import partial
from math import prod
from typing import Any

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.tree._tree import NODE_DTYPE, Tree
from sklearn.utils.validation import check_array

from fraud.errors import InvalidArtefactError
from fraud.scoring.packed.model import MAX_FEATURES

FLOAT_CHECK = {"dtype": [np.float64], "ensure_all_finite": False}
_RECORDS = (NODE_DTYPE, PREDICTOR_RECORD_DTYPE)
_PLAIN = re.compile(r"[biuf]\d{1,2}|U\d{1,4}|O8")
_MAKE_MOMENT: Any = datetime  # called with a pickle's bytes, which its type does not mention
_RECORD = re.compile(r"V\d{1,4}")


class Unused:
    """Takes the place of an object that plays no part in the answers."""

    def __init__(self, *arguments: object) -> None:
        """Forget the arguments."""

    def __setstate__(self, state: object) -> None:
        """Forget the state."""


class CheckedArrayWrapper(NumpyArrayWrapper):  # type: ignore[misc]
    """joblib's place-holder of an array in the stream, read only when its description is plausible."""

    def read_array(self, unpickler: Any, ensure_native_byte_order: bool) -> Any:
        """The array that follows in the stream; objects are unpickled under the same rules."""
        _require(self.subclass is np.ndarray and self.order in ("C", "F"), "an array has an unknown layout")
        _require(isinstance(self.dtype, np.dtype), "an array has no dtype")
        _require(_is_shape(self.shape), f"an array has the shape {self.shape}")
        if self.dtype.hasobject:
            array = unpickler.nested()
            _require(isinstance(array, np.ndarray) and array.dtype == object, "an object array is not one")
            return array
        _require(prod(self.shape) * self.dtype.itemsize <= unpickler.bytes_left(), "an array is cut off")
        return super().read_array(unpickler, ensure_native_byte_order)


def make_dtype(code: Any, align: Any = False, copy: Any = True) -> np.dtype[Any]:
    """A number, boolean, text or object dtype, or an empty record to be described by `honest_dtype_state`."""
    plain = isinstance(code, str) and (_PLAIN.fullmatch(code) or _RECORD.fullmatch(code))
    _require(bool(plain) and align in (False, 0) and copy in (True, 1), f"the dtype {code!r} is not allowed")
    return np.dtype(str(code), align=False, copy=True)


def honest_dtype_state(dtype: np.dtype[Any], state: Any) -> Any:
    """The state numpy itself writes for this dtype or for scikit-learn's node records, if `state` says the same.

    The caller goes on with what is returned: a dtype equals its own name, so an equal state may still hold text where
    numpy expects a dtype.
    """
    candidates = [record for record in _RECORDS if record.itemsize == dtype.itemsize] if dtype.kind == "V" else [dtype]
    honest = [known.__reduce__()[2] for known in candidates]
    _require(state in honest, f"the dtype {dtype} is forged")
    return honest[honest.index(state)]


def empty_array(kind: Any, shape: Any, code: Any) -> NDArray[Any]:
    """The empty array whose state follows."""
    _require(kind is np.ndarray and shape == (0,) and code in (b"b", "b"), "an array is made in an unknown way")
    return np.empty(0, dtype=np.int8)


def check_array_state(state: Any) -> None:
    """Accept `(version, shape, dtype, is_fortran, data)`, the data a list exactly for object arrays."""
    usual = isinstance(state, tuple) and len(state) == 5 and isinstance(state[2], np.dtype) and _is_shape(state[1])
    _require(usual, "the state of an array is forged")
    _, shape, dtype, _, data = state
    fits = isinstance(data, list) if dtype.hasobject else isinstance(data, bytes) and dtype.kind in "biufUV"
    length = prod(shape) * (1 if dtype.hasobject else dtype.itemsize)
    _require(fits and len(data) == length, "the content of an array does not fit its shape")


def array_from_buffer(buffer: Any, dtype: Any, shape: Any, order: Any, *_: Any) -> NDArray[Any]:
    """An array of numbers or records over the bytes given."""
    _require(isinstance(buffer, bytes | bytearray) and isinstance(dtype, np.dtype), "an array has no content")
    _require(_is_shape(shape) and order in ("C", "F"), f"an array has the shape {shape}")
    _require(not dtype.hasobject, "an array of objects is made from bytes")
    made: NDArray[Any] = np.frombuffer(buffer, dtype=dtype).reshape(shape, order=order)
    return made


def make_scalar(dtype: Any, content: Any) -> Any:
    """A numpy number from its bytes."""
    number = isinstance(dtype, np.dtype) and dtype.kind in "biuf" and isinstance(content, bytes)
    _require(number and len(content) == dtype.itemsize, "a numpy scalar is not a number")
    return np.frombuffer(content, dtype=dtype)[0]


def make_tree(features: Any, classes: Any, outputs: Any) -> Tree:
    """An empty tree for one output of one value or two classes."""
    sane = isinstance(classes, np.ndarray) and classes.dtype == np.intp and classes.shape == (1,)
    _require(sane and outputs == 1 and classes[0] in (1, 2), "a tree is not binary")
    _require(isinstance(features, int) and 1 <= features <= MAX_FEATURES, f"a tree reads {features} columns")
    return Tree(features, classes, 1)


def check_tree_state(state: Any) -> None:
    """Accept arrays of as many nodes as the tree says it has; their content is checked after packing."""
    _require(isinstance(state, dict), "the state of a tree is forged")
    nodes, values, count = (state.get(key) for key in ("nodes", "values", "node_count"))
    arrays = isinstance(nodes, np.ndarray) and isinstance(values, np.ndarray)
    _require(arrays and type(count) is int and nodes.shape == (count,) != (0,), "a tree's node count is forged")


def bound_raw_predict(model: Any, name: Any) -> Any:
    """The method early stopping by a scorer leaves behind as an attribute of its own object."""
    usual = type(model) is HistGradientBoostingClassifier and name == "_raw_predict"
    _require(usual, f"builtins.getattr reaches for {str(name)[:40]!r}")
    return model._raw_predict


def no_bytes() -> bytes:
    """The empty bytes of protocol 2."""
    return b""


def make_slice(*bounds: Any) -> slice:
    """A slice of columns, by places or names."""
    plain = len(bounds) == 3 and all(bound is None or type(bound) in (int, str) for bound in bounds)
    _require(plain, "a slice is forged")
    return slice(*bounds)


def make_check(*function: Any) -> partial[Any]:
    """The check boosting with categories applies to its other columns; its state follows."""
    _require(function == (check_array,), "a function is prepared that is no check of an array")
    return partial(check_array, **FLOAT_CHECK)


def check_partial_state(state: Any) -> None:
    """Accept the check `make_check` makes, and nothing else."""
    usual = isinstance(state, tuple) and len(state) == 4 and state[0] is check_array and state[1] == ()
    _require(usual and state[2] == FLOAT_CHECK and not state[3], "the state of a function is forged")


def latin1_bytes(text: Any, encoding: Any) -> bytes:
    """The bytes protocol 2 spells as text."""
    _require(isinstance(text, str) and encoding == "latin1", "text is decoded in an unknown way")
    return str(text).encode("latin1")


def make_date(content: Any, *_: Any) -> date:
    """A date from its four bytes."""
    _require(isinstance(content, bytes) and len(content) == 4, "a date is forged")
    return date(int.from_bytes(content[:2], "big"), content[2], content[3])


def make_datetime(content: Any, zone: Any = None) -> datetime:
    """A moment from its ten bytes, with a fixed offset or none."""
    _require(isinstance(content, bytes) and len(content) == 10, "a date is forged")
    _require(zone is None or type(zone) is timezone, "a time zone is not a fixed offset")
    moment: datetime = _MAKE_MOMENT(content, zone)
    return moment


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, tuple) and len(shape) <= 3 and all(type(side) is int and side >= 0 for side in shape)


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise InvalidArtefactError(f"the pickle is not safe: {problem}")
