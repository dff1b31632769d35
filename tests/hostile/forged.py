"""Trees, dtypes and arrays under their allowed names, with numbers that lead out of bounds."""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.tree._tree import Tree

from tests.hostile.case import Hostile, call, dumped, many, name, number, pickled, text
from tests.hostile.honest import WIDTH, forest

DTYPE = name("numpy.dtype")
MULTIARRAY = "numpy._core.multiarray"
ARRAY = call(name(f"{MULTIARRAY}._reconstruct"), name("numpy.ndarray"), number(0) + b"\x85", b"C\x01b")
_LEADING = (
    *("a node that is its own child", "a child beyond the tree", "a column that is not there"),
    *("a threshold that is not a number", "leaves that are not numbers", "more nodes than there are"),
    *("a dtype with objects for fields", "a dtype of sub-arrays", "a dtype of 2^30 bytes an item"),
    *("pointers for an array of objects", "an object out of bytes", "a tree of 10^9 outputs"),
)


def forged() -> Iterator[Hostile]:
    """All of them."""
    for case in (*_trees(), *_raw()):
        yield case._replace(further=case.name not in _LEADING)


def _trees() -> Iterator[Hostile]:
    for label, (field, node, value, words) in {
        "a node that is its own child": ("left_child", 0, 0, "cycle"),
        "a node whose child is its parent": ("right_child", 1, 0, "cycle"),
        "two nodes with one child": ("right_child", 0, 1, "exactly once"),
        "a child beyond the tree": ("left_child", 0, 1_000_000, "out of bounds"),
        "a child at 2^40": ("left_child", 0, 1 << 40, "out of bounds"),
        "a child at -7": ("right_child", 0, -7, ""),
        "a column that is not there": ("feature", 0, WIDTH, "column outside"),
        "a column at 2^33": ("feature", 0, 1 << 33, "out of bounds"),
        "a column at -9": ("feature", 0, -9, ""),
        "a threshold that is not a number": ("threshold", 0, np.nan, "NaN"),
        "a threshold below all": ("threshold", 0, -np.inf, "infinity"),
        "a cover that is not a number": ("weighted_n_node_samples", 0, np.nan, ""),
        "a cover below zero": ("weighted_n_node_samples", 1, -5.0, ""),
    }.items():
        model = forest()
        tree = model.estimators_[1]
        tree.tree_ = with_node(tree.tree_, field, node, value)
        yield Hostile(label, dumped(model), words)
    for label, value in {"leaves that are not numbers": np.nan, "leaves of 7": 7.0, "leaves of -1": -1.0}.items():
        model = forest()
        model.estimators_[0].tree_.value[:] = value
        yield Hostile(label, dumped(model), "")
    honest = pickle.dumps(forest(), protocol=2)
    place = honest.index(b"K", honest.index(b"node_count"))
    yield Hostile("more nodes than there are", honest[: place + 1] + b"\xfa" + honest[place + 2 :], "node count")
    yield Hostile("fewer nodes than there are", honest[: place + 1] + b"\x01" + honest[place + 2 :], "node count")
    yield Hostile("a tree of 5 outputs", pickled(_tree(outputs=5)), "not binary")
    yield Hostile("a tree of 10^9 outputs", pickled(_tree(outputs=10**9)), "not binary")
    yield Hostile("a tree of 2 x 10^9 columns", pickled(_tree(columns=2 * 10**9)), "columns")


def with_node(tree: Tree, field: str, node: int, value: Any) -> Tree:
    """The tree with one number of one node changed."""
    state = tree.__getstate__()
    nodes = state["nodes"].copy()
    nodes[field][node] = value
    changed = Tree(tree.n_features, np.array([2], dtype=np.intp), 1)
    changed.__setstate__({**state, "nodes": nodes})
    return changed


def _tree(columns: int = 3, outputs: int = 1) -> bytes:
    classes = _filled(_dtype("i8"), 1, b"\x02" + bytes(7))
    return call(name("sklearn.tree._tree.Tree"), number(columns), classes, number(outputs))


def _dtype(code: str) -> bytes:
    return call(DTYPE, text(code), b"\x89", b"\x88")


def _described(code: str, order: str, *state: bytes | int) -> bytes:
    """A dtype and the state numpy would believe: sub-array, names, fields, item size, alignment, flags."""
    parts = [part if isinstance(part, bytes) else number(part) for part in state]
    return _dtype(code) + many(number(3), text(order), *parts) + b"b"


def _filled(dtype: bytes, items: int, content: bytes) -> bytes:
    return ARRAY + many(number(1), many(number(items)), dtype, b"\x89", b"C%c%s" % (len(content), content)) + b"b"


def _raw() -> Iterator[Hostile]:
    for label, body, words in (*_dtypes(), *_values()):
        yield Hostile(label, pickled(body, 4), words)


def _dtypes() -> Iterator[tuple[str, bytes, str]]:
    none = (b"N", b"N", b"N")
    names, fields = many(text("f")), b"}" + text("f") + many(_dtype("O8"), number(0)) + b"s"
    parts = many(_dtype("f8"), many(number(8)))
    yield "a dtype with objects for fields", _described("V64", "|", b"N", names, fields, 64, 1, 16), "forged"
    yield "a dtype of sub-arrays", _described("V64", "|", parts, b"N", b"N", 64, 1, 0), "forged"
    yield "a dtype that turns numbers into objects", _described("f8", "|", *none, -1, -1, 63), "forged"
    yield "a dtype of 2^30 bytes an item", _described("V8", "|", *none, 1 << 30, 1, 0), "forged"
    yield "a dtype by a list of fields", call(DTYPE, text("f8,O,i4")), "not allowed"
    yield "a dtype by a dictionary", call(DTYPE, b"}"), "not allowed"


def _values() -> Iterator[tuple[str, bytes, str]]:
    mapped = call(name(f"{MULTIARRAY}._reconstruct"), name("numpy.memmap"), number(0) + b"\x85", b"C\x01b")
    codec = call(name("_codecs.encode"), text("x"), text("zlib_codec"))
    yield "pointers for an array of objects", _filled(_dtype("O8"), 2, b"A" * 16), "does not fit"
    yield "too few bytes for an array", _filled(_dtype("f8"), 9, bytes(8)), "does not fit"
    yield "an array that is a memory map", mapped, "numpy.memmap"
    yield "an object out of bytes", call(name(f"{MULTIARRAY}.scalar"), _dtype("O8"), b"C\x08AAAAAAAA"), "not a number"
    yield "a date out of range", call(name("datetime.date"), b"C\x04\xff\xff\xff\xff"), ""
    yield "a moment of 3 bytes", call(name("datetime.datetime"), b"C\x03abc"), "forged"
    yield "text decoded by a codec of choice", codec, "unknown way"
    yield "a loss with arguments", call(name("sklearn._loss._loss.CyHalfBinomialLoss"), *[number(1)] * 9), ""
