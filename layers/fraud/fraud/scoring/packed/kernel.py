"""The C kernel (`layers/fraud/kernel.c`), found beside this file for this machine; without it the walker does its work.

Built by `make`: `kernel-<system>-<processor>.so`. Nothing here checks what it is given: see `nodes`.
"""

import ctypes
import os
import sys
from array import array
from ctypes import POINTER, c_double, c_int32, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from fraud.observability import log

VERSION = 4
NODE_BYTES, COLUMN_BYTES, POINTS = 16, 24, 4


class Table(ctypes.Structure):
    """The kernel's view of a set of trees; addresses of arrays somebody else keeps alive."""

    _fields_ = (
        ("nodes", c_void_p),
        ("roots", c_void_p),
        ("share", c_void_p),
        ("set_start", c_void_p),
        ("set_value", c_void_p),
        ("groups", c_void_p),
        ("rule", c_void_p),
        ("at", c_void_p),
        ("weight", c_void_p),
        ("without", c_void_p),
        ("trees", c_int64),
        ("width", c_int64),
        ("base", c_double),
        ("divisor", c_double),
        ("narrow", c_int32),
    )


_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "kernel_version": (c_int32, ()),
    "kernel_layout": (None, (c_int32, c_int64, *[c_void_p] * 11)),
    "kernel_measure": (c_double, (POINTER(Table), c_void_p, c_void_p)),
    "kernel_score": (c_double, (POINTER(Table), c_void_p)),
    "kernel_score_rows": (None, (POINTER(Table), c_void_p, c_int64, c_void_p)),
    "kernel_explain": (None, (POINTER(Table), *[c_void_p] * 5)),
    "kernel_shift_scale": (None, (c_void_p, c_int64, c_int64, *[c_void_p] * 3)),
    "kernel_scale_shift": (None, (c_void_p, c_int64, c_int64, c_void_p, c_void_p, c_double, c_double, c_void_p)),
    "kernel_linear": (None, (c_void_p, c_int64, c_int64, c_void_p, c_double, c_void_p)),
}


def file_name(system: str = sys.platform, machine: str = os.uname().machine) -> str:
    """The kernel's file on a machine, by the names that `sys.platform` and `uname` give it."""
    return f"kernel-{system}-{'aarch64' if machine == 'arm64' else machine}.so"


@cache
def kernel() -> Any:
    """The kernel's functions, None (said once in the log) where there is none that runs here."""
    try:
        return load(Path(__file__).with_name(file_name()))
    except (AttributeError, OSError) as exc:
        log("kernel_missing", level="WARNING", why=str(exc), instead="walker")
        return None


def load(path: Path) -> Any:
    """The kernel in a file; OSError when it cannot be loaded here, AttributeError when it is another release's."""
    library = ctypes.CDLL(str(path))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    if library.kernel_version() != VERSION:
        raise AttributeError(f"{path.name} is release {library.kernel_version()}, not {VERSION}")
    return library


def call(function: Any, *arguments: Any) -> Any:
    """The function's answer; arrays among the arguments go as their addresses, and live until it is there."""
    return function(*(address(given) if isinstance(given, array) else given for given in arguments))


def address(numbers: "array[Any]") -> int:
    """Where an array's numbers lie, for as long as somebody holds it."""
    return numbers.buffer_info()[0]


def zeros(code: str, count: int) -> "array[Any]":
    """An array of so many zeros."""
    return array(code, bytes(array(code).itemsize * count))
