"""HistGradientBoosting with categorical columns: each split becomes the set of raw values that go one way.

scikit-learn numbers a column's known values in rising order, puts the categorical columns first, and looks the numbers
up in bit sets; a value it did not see goes where missing ones go. A complete row therefore goes the one way when its
value is in a set of known ones, and the other way otherwise.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder
from sklearn.utils.validation import check_array

from fraud.errors import InvalidArtefactError
from fraud.packing.axes import Floats
from fraud.packing.bench import Bench
from fraud.packing.choices import Sets, store_choice_trees
from fraud.packing.forest import TreeArrays
from fraud.scoring.packed.ops import ChoiceTrees


class Encoding(NamedTuple):
    """`columns`: the raw column of each column the trees read; `values`: what each categorical one of them knows.

    `known`: for each of those, bits of the numbers that were seen in training.
    """

    columns: NDArray[np.int64]
    values: Sequence[Floats]
    known: NDArray[np.uint32]


def encoding_of(model: HistGradientBoostingClassifier, bench: Bench) -> Encoding:
    """How the model's own encoder numbers its columns; categories that are not numbers are refused."""
    encoder = _encoder(model)
    if any(values.dtype.kind not in "biuf" for values in encoder.categories_):
        raise bench.unsupported(model, " with categories that are not numbers")
    chosen = np.asarray(model.is_categorical_, dtype=bool)
    columns = np.concatenate([np.flatnonzero(chosen), np.flatnonzero(~chosen)])
    known, _ = model._bin_mapper.make_known_categories_bitsets()
    if len(columns) != bench.width or not len(encoder.categories_) == len(known) == chosen.sum():
        raise InvalidArtefactError("the categorical columns do not match their encoder")
    return Encoding(columns, [np.asarray(values, dtype=np.float64) for values in encoder.categories_], known)


def pack_with_categories(
    model: HistGradientBoostingClassifier, nodes: Sequence[TreeArrays], base: float, bench: Bench
) -> ChoiceTrees:
    """The trees of raw columns, with sets of raw values."""
    encoding = encoding_of(model, bench)
    sets: list[Sets] = []
    for tree, stage in zip(nodes, model._predictors, strict=True):
        sets.append([_asked(node, stage[0].raw_left_cat_bitsets, encoding) for node in stage[0].nodes])
        _turn(tree, stage[0].nodes)
        tree["feature"] = np.where(tree["feature"] < 0, -1, encoding.columns[tree["feature"]])
    return store_choice_trees(bench, nodes, sets, base=base)


def _encoder(model: HistGradientBoostingClassifier) -> OrdinalEncoder:
    """The encoder, of a preprocessor that does what fitting makes it do: the model applies it unasked."""
    preprocessor = model._preprocessor
    if type(preprocessor) is not ColumnTransformer:
        raise InvalidArtefactError("the model's categories have no encoder")
    used = [(name, transformer) for name, transformer, _ in preprocessor.transformers_ if name != "remainder"]
    (_, encoder), (_, check) = used
    checks = type(check) is FunctionTransformer and type(check.func) is partial and check.func.func is check_array
    if type(encoder) is not OrdinalEncoder or not checks or preprocessor.remainder != "drop":
        raise InvalidArtefactError("the model's categories are encoded in an unknown way")
    return encoder


def _asked(node: Any, left: NDArray[np.uint32], encoding: Encoding) -> frozenset[float] | None:
    """The values a split sends low (high, where missing values go low: see `_turn`), None for a threshold."""
    if node["is_leaf"] or not node["is_categorical"]:
        return None
    feature = int(node["feature_idx"])
    values, known = encoding.values[feature], encoding.known[feature]
    finite = [(number, float(value)) for number, value in enumerate(values) if np.isfinite(value)]
    goes_left = {value for number, value in finite if _bit(left[node["bitset_idx"]], number)}
    seen = {value for number, value in finite if _bit(known, number)}
    return frozenset(seen - goes_left if node["missing_go_to_left"] else goes_left)


def _turn(tree: TreeArrays, nodes: Any) -> None:
    """Swap the children where the unknown go left, so that those in the set always go low."""
    swap = (nodes["is_leaf"] == 0) & (nodes["is_categorical"] == 1) & (nodes["missing_go_to_left"] == 1)
    tree["left"], tree["right"] = (
        np.where(swap, tree["right"], tree["left"]),
        np.where(swap, tree["left"], tree["right"]),
    )


def _bit(words: NDArray[np.uint32], number: int) -> bool:
    return bool(int(words[number // 32]) >> (number % 32) & 1)
