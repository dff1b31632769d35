"""Isolation forests: path lengths, an anomaly score, and the probability `answers.anomaly_probability` makes of it."""

from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.tree import ExtraTreeRegressor

from fraud.errors import InvalidArtefactError
from fraud.packing.bench import Bench, Packed
from fraud.packing.forest import TreeArrays, sklearn_nodes, store_trees
from fraud.scoring.packed.ops import IsolationTrees
from fraud.scoring.packed.program import Steps


def pack_isolation_forest(model: IsolationForest, bench: Bench) -> Packed:
    """`2 ** -(mean path length / c(max_samples_))`, drawn to 0.5 at the forest's own offset."""
    bench.check_width(model)
    nodes = [_path_lengths(model, index, bench) for index in range(len(model.estimators_))]
    unit = len(nodes) * float(_average_path_length([model._max_samples])[0])
    turn = -float(model.offset_)
    if unit <= 0.0 or not 0.0 < turn < 1.0:
        raise InvalidArtefactError(f"the isolation forest was fitted on too few rows, or its offset is {-turn:g}")
    score = IsolationTrees(store_trees(bench, nodes, single=True).nodes, single=True, unit=unit)
    packed = Steps(score, bench.store([0.0, turn, 1.0]), bench.store([0.0, 0.5, 1.0]))
    return Packed(packed, packed)


def _path_lengths(model: IsolationForest, index: int, bench: Bench) -> TreeArrays:
    """One tree; a leaf answers its depth and what its rows would need further, counted as scikit-learn does."""
    tree: Any = model.estimators_[index]
    if type(tree) is not ExtraTreeRegressor:
        raise bench.unsupported(tree)
    columns = np.asarray(model.estimators_features_[index])
    bench.at(len(columns)).check_width(tree)
    lengths = model._decision_path_lengths[index] + model._average_path_length_per_tree[index] - 1.0
    nodes = sklearn_nodes(tree.tree_, lengths)
    feature = nodes["feature"]
    return {**nodes, "feature": np.where(feature < 0, -1, columns[np.maximum(feature, 0)])}
