"""One tree of LightGBM's model text."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing.axes import Floats
from fraud.packing.choices import Sets
from fraud.packing.node_order import LEAF
from fraud.scoring.packed.choices import MAX_SET_VALUES
from fraud.scoring.packed.nodes import MAX_NODES

_CATEGORICAL, _DEFAULT_LEFT, _MISSING_ZERO, _MISSING_NAN = 1, 2, 4, 8
_KNOWN_BITS = _CATEGORICAL | _DEFAULT_LEFT | _MISSING_NAN
_WORD = 32
_LARGEST = "1.7976931348623157e308"
_FIELDS = frozenset(
    (
        *("num_leaves", "num_cat", "split_feature", "split_gain", "threshold", "decision_type", "left_child"),
        *("right_child", "leaf_value", "leaf_weight", "leaf_count", "internal_value", "internal_weight"),
        *("internal_count", "cat_boundaries", "cat_threshold", "is_linear", "shrinkage"),
    )
)


class LightGBMTree(NamedTuple):
    """One tree: splits first (node i is split i), then leaves; children by node. `sets` as for packed choices.

    `value` is the threshold of a split and the answer of a leaf.
    """

    feature: NDArray[np.int64]
    value: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.int64]
    cover: Floats
    sets: Sets


def tree_of(fields: Mapping[str, str]) -> LightGBMTree:
    """The tree in the `key=value` lines of a model text.

    Raises UnsupportedModelError for linear trees, zeros that stand for missing values, and fields nobody knows;
    InvalidArtefactError, ValueError or KeyError for lines that make no tree.
    """
    _check_known(fields)
    leaves = int(fields["num_leaves"])
    splits = leaves - 1
    decision = _decisions(fields, splits)
    threshold, closed = _thresholds(fields, splits), np.full(leaves, LEAF)
    left, right = (_integers(fields, f"{side}_child", splits) for side in ("left", "right"))
    return LightGBMTree(
        feature=np.concatenate([_integers(fields, "split_feature", splits), closed]),
        value=np.concatenate([threshold, _floats(fields, "leaf_value", leaves)]),
        left=np.concatenate([_nodes(left, splits), closed]),
        right=np.concatenate([_nodes(right, splits), closed]),
        missing_left=np.concatenate([(decision & _DEFAULT_LEFT) // _DEFAULT_LEFT, np.zeros(leaves, dtype=np.int64)]),
        cover=_cover(fields, splits, leaves),
        sets=[*_sets(fields, decision, threshold), *[None] * leaves],
    )


def _check_known(fields: Mapping[str, str]) -> None:
    unknown = sorted(fields.keys() - _FIELDS)
    if fields.get("is_linear", "0") != "0":
        unknown.insert(0, "is_linear")
    if unknown:
        raise UnsupportedModelError(f"LightGBM trees with {unknown[0][:40]} cannot be packed")


def _decisions(fields: Mapping[str, str], splits: int) -> NDArray[np.int64]:
    decision = _integers(fields, "decision_type", splits)
    if (decision & ~_KNOWN_BITS).any():
        zero = (decision & _MISSING_ZERO).any()
        raise UnsupportedModelError(
            f"LightGBM trees with {'zero_as_missing' if zero else 'an unknown decision_type'} cannot be packed"
        )
    return decision


def _thresholds(fields: Mapping[str, str], splits: int) -> Floats:
    """Thresholds with infinity (a split of missing from present) as the largest number: no value goes high."""
    told = _tokens(fields, "threshold", splits)
    return _numbers([_LARGEST if number == "inf" else number for number in told], "threshold")


def _nodes(children: NDArray[np.int64], splits: int) -> NDArray[np.int64]:
    """Children by node: LightGBM counts leaves -1, -2, …"""
    return np.where(children < 0, splits + ~children, children)


def _cover(fields: Mapping[str, str], splits: int, leaves: int) -> Floats:
    """The training rows of each node; LightGBM does not always say how many a lone leaf had."""
    if not splits:
        return np.zeros(leaves)
    return np.concatenate([_floats(fields, "internal_count", splits), _floats(fields, "leaf_count", leaves)])


def _sets(fields: Mapping[str, str], decision: NDArray[np.int64], threshold: Floats) -> Sets:
    """The categories each categorical split sends left: bit j of word i of its own words is category 32 i + j."""
    count = int(fields["num_cat"])
    starts = _integers(fields, "cat_boundaries", count + 1 if count else 0).tolist()
    words = _integers(fields, "cat_threshold", starts[-1] if count else 0).tolist()
    numbers = threshold[(decision & _CATEGORICAL) != 0]
    rising = not starts or (starts[0] == 0 and starts == sorted(starts))
    if not rising or len(words) * _WORD > MAX_SET_VALUES or not np.isin(numbers, np.arange(count)).all():
        raise InvalidArtefactError("a tree's categories are malformed")
    sets = [frozenset(_bits(words[start:end])) for start, end in pairwise(starts)]
    return [
        sets[int(number)] if kind & _CATEGORICAL else None for kind, number in zip(decision, threshold, strict=True)
    ]


def _bits(words: Sequence[int]) -> Iterator[float]:
    for index, word in enumerate(words):
        yield from (float(_WORD * index + bit) for bit in range(_WORD) if word >> bit & 1)


def _integers(fields: Mapping[str, str], name: str, length: int) -> NDArray[np.int64]:
    return np.array([int(token) for token in _tokens(fields, name, length)], dtype=np.int64)


def _floats(fields: Mapping[str, str], name: str, length: int) -> Floats:
    return _numbers(_tokens(fields, name, length), name)


def _numbers(tokens: Sequence[str], name: str) -> Floats:
    numbers = np.array([float(token) for token in tokens], dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise InvalidArtefactError(f"a tree's {name} holds NaN or infinity")
    return numbers


def _tokens(fields: Mapping[str, str], name: str, length: int) -> list[str]:
    text = fields.get(name, "")
    if not 0 <= length <= MAX_NODES or text.count(" ") != max(length - 1, 0) or bool(text) != bool(length):
        raise InvalidArtefactError(f"a tree's {name} does not hold {length} numbers")
    return text.split(" ") if length else []
