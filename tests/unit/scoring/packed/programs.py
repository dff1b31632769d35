"""Packed models made by hand, small enough to check by other means."""

import random
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from fraud.scoring.packed import container
from fraud.scoring.packed.model import PackedModel

type_codes = {"root": "i", "feature": "h", "value": "d", "left": "i", "right": "i", "missing_left": "B", "cover": "d"}
Tree = Any  # a leaf's float, or (feature, threshold, low tree, high tree)


def columns(trees: Sequence[Tree]) -> dict[str, list[Any]]:
    """The node columns of nested trees, parents before children."""
    found: dict[str, list[Any]] = {name: [] for name in type_codes}

    def add(node: Tree) -> int:
        index = len(found["value"])
        feature, value, *children = node if isinstance(node, tuple) else (-1, node)
        row = {"feature": feature, "value": value, "left": -1, "right": -1, "missing_left": 0, "cover": 1.0}
        for name, number in row.items():
            found[name].append(number)
        for side, child in zip(("left", "right"), children, strict=False):
            found[side][index] = add(child)
        return index

    found["root"] = [add(tree) for tree in trees]
    return found


def node_arrays(
    trees: Sequence[Tree], group: str = "t", broken: Mapping[str, list[Any]] | None = None
) -> dict[str, Any]:
    """The arrays of a group of trees; `broken` replaces whole columns."""
    changed = {**columns(trees), **(broken or {})}
    return {f"{group}.{name}": array(code, changed[name]) for name, code in type_codes.items()}


def packed(
    program: Mapping[str, Any],
    arrays: Mapping[str, Any],
    reference: Sequence[float],
    **header: Any,
) -> bytes:
    """A container with columns named x0, x1, …"""
    told = {
        "kind": "fraud_model",
        "family": "made by hand",
        "features": [f"x{index}" for index in range(len(reference))],
        "reference_source": "test",
        "program": program,
        **header,
    }
    return container.encode(told, {**arrays, "reference": array("d", reference)})


def forest(
    trees: Sequence[Tree], width: int, *, single: bool = False, broken: Mapping[str, list[Any]] | None = None
) -> bytes:
    """The average of trees over `width` columns, explained against zeros."""
    program = {"op": "trees", "nodes": "t", "single": single, "divisor": len(trees)}
    return packed(program, node_arrays(trees, broken=broken), [0.0] * width)


def boosted(trees: Sequence[Tree], width: int, base: float = 0.0) -> bytes:
    """A sigmoid of summed trees."""
    inner = {"op": "trees", "nodes": "t", "single": False, "base": base}
    return packed({"op": "sigmoid", "of": inner}, node_arrays(trees), [0.0] * width)


def model(data: bytes) -> PackedModel:
    """The model in a container, with the kernel."""
    return PackedModel.from_bytes(data)


def walked(data: bytes) -> PackedModel:
    """The same without it."""
    return PackedModel.from_bytes(data, "walker")


def random_tree(source: random.Random, width: int, depth: int) -> Tree:
    """A random tree with leaves in [0, 1] and thresholds around zero."""
    if depth == 0 or source.random() < 0.1:
        return source.random()
    low, high = (random_tree(source, width, depth - 1) for _ in range(2))
    return (source.randrange(width), round(source.gauss(0, 1), 2), low, high)
