"""Trees, dtypes and arrays under their allowed names, with numbers that lead out of bounds."""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.tree._tree import Tree

from tests.hostile.case import Hostile, call, dumped, many, name, number, pickled, text
from tests.hostile.honest import WIDTH, forest

DTYPE = name("numpy.dtype")
ARRAY = call(name("numpy._core.multiarray._reconstruct"), name("numpy.ndarray"), number(0) + b"\x85", b"C\x01b")
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
    classes = ARRAY + many(number(1), many(number(1)), _dtype("i8"), b"\x89", b"C\x08\x02" + bytes(7)) + b"b"
    return call(name("sklearn.tree._tree.Tree"), number(columns), classes, number(outputs))


def _dtype(code: str, *state: bytes) -> bytes:
    return call(DTYPE, text(code), b"\x89", b"\x88") + (many(*state) + b"b" if state else b"")


def _raw() -> Iterator[Hostile]:
    rest = (b"N", b"N", b"N", number(-1), number(-1), number(0))
    objects = many(number(1), many(number(2)), _dtype("O8"), b"\x89", b"C\x10" + b"A" * 16) + b"b"
    fields = many(text("f")), b"}" + text("f") + many(_dtype("O8"), number(0)) + b"s"
    for label, body, words in (
        ("a dtype with objects for fields", _dtype("V64", number(3), text("|"), b"N", *fields, number(64), number(1), number(16)), "forged"),
        ("a dtype of sub-arrays", _dtype("V64", number(3), text("|"), many(_dtype("f8"), many(number(8))), b"N", b"N", number(64), number(1), number(0)), "forged"),
        ("a dtype that turns numbers into objects", _dtype("f8", number(3), text("|"), *rest[:-1], number(63)), "forged"),
        ("a dtype of 2^30 bytes an item", _dtype("V8", number(3), text("|"), b"N", b"N", b"N", number(1 << 30), number(1), number(0)), "forged"),
        ("a dtype by a list of fields", call(DTYPE, text("f8,O,i4")), "not allowed"),
        ("a dtype by a dictionary", call(DTYPE, b"}"), "not allowed"),
        ("pointers for an array of objects", ARRAY + objects, "does not fit"),
        ("too few bytes for an array", ARRAY + many(number(1), many(number(9)), _dtype("f8"), b"\x89", b"C\x08" + bytes(8)) + b"b", "does not fit"),
        ("an array that is a memory map", call(name("numpy._core.multiarray._reconstruct"), name("numpy.memmap"), number(0) + b"\x85", b"C\x01b"), "numpy.memmap"),
        ("an object out of bytes", call(name("numpy._core.multiarray.scalar"), _dtype("O8"), b"C\x08" + b"A" * 8), "not a number"),
        ("a date out of range", call(name("datetime.date"), b"C\x04\xff\xff\xff\xff"), ""),
        ("a moment of 3 bytes", call(name("datetime.datetime"), b"C\x03abc"), "forged"),
        ("text decoded by a codec of choice", call(name("_codecs.encode"), text("x"), text("zlib_codec")), "unknown way"),
        ("a loss with arguments", call(name("sklearn._loss._loss.CyHalfBinomialLoss"), *[number(1)] * 9), ""),
    ):  # fmt: skip
        yield Hostile(label, pickled(body, 4), words)
