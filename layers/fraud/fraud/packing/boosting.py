"""Gradient boosting: raw scores summed in log-odds, then a sigmoid."""

from typing import Any

import numpy as np
from sklearn._loss.loss import ExponentialLoss, HalfBinomialLoss
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.tree import DecisionTreeRegressor

from fraud.errors import InvalidArtefactError
from fraud.packing.bench import Bench, Packed
from fraud.packing.categorical import pack_with_categories
from fraud.packing.forest import TreeArrays, finite_thresholds, sklearn_nodes, store_trees
from fraud.scoring.packed.program import Affine, Scorer, Sigmoid


def pack_gradient_boosting(model: GradientBoostingClassifier, bench: Bench) -> Packed:
    """`init + Σ learning_rate * leaf` over float32 rows; the exponential loss halves the log-odds.

    `init` may be the prior (default) or zero; another estimator there is refused.
    """
    bench.check_width(model)
    prior = type(model.init_) is DummyClassifier and model.init_.strategy == "prior"
    if not prior and not (isinstance(model.init_, str) and model.init_ == "zero"):
        raise bench.unsupported(model, " with an init estimator")
    nodes = []
    for tree in model.estimators_.ravel():
        if type(tree) is not DecisionTreeRegressor or tree.tree_.value.shape[1:] != (1, 1):
            raise bench.unsupported(tree)
        bench.check_width(tree)
        nodes.append(sklearn_nodes(tree.tree_, float(model.learning_rate) * tree.tree_.value[:, 0, 0]))
    base = model._raw_predict_init(np.zeros((1, bench.width), dtype=np.float32))
    margin = store_trees(bench, nodes, single=True, base=float(base.item()))
    if type(model._loss) is ExponentialLoss:
        return Packed(margin, Sigmoid(Affine(margin, 2.0, 0.0)))
    if type(model._loss) is not HalfBinomialLoss:
        raise bench.unsupported(model, f" with {type(model._loss).__name__}")
    return Packed(margin, Sigmoid(margin))


def pack_hist_gradient_boosting(model: HistGradientBoostingClassifier, bench: Bench) -> Packed:
    """`baseline + Σ leaf` over float64 rows."""
    bench.check_width(model)
    if model.n_trees_per_iteration_ != 1 or type(model._loss) is not HalfBinomialLoss:
        raise InvalidArtefactError("the boosted trees are not those of a binary classifier")
    nodes = [_hist_nodes(stage[0].nodes) for stage in model._predictors]
    if not nodes:
        raise InvalidArtefactError("the model holds no trees")
    base = float(model._baseline_prediction.item())
    if model.is_categorical_ is not None:
        margin: Scorer = pack_with_categories(model, nodes, base, bench)
    elif any(stage[0].nodes["is_categorical"].any() for stage in model._predictors):
        raise InvalidArtefactError("a split is categorical although no column is")
    else:
        margin = store_trees(bench, nodes, single=False, base=base)
    return Packed(margin, Sigmoid(margin))


def _hist_nodes(nodes: Any) -> TreeArrays:
    leaf = nodes["is_leaf"].astype(bool)
    return {
        "feature": np.where(leaf, -1, nodes["feature_idx"]),
        "value": np.where(leaf, nodes["value"], finite_thresholds(nodes["num_threshold"])),
        "left": np.where(leaf, -1, nodes["left"].astype(np.int64)),
        "right": np.where(leaf, -1, nodes["right"].astype(np.int64)),
        "missing_left": np.where(leaf, 0, nodes["missing_go_to_left"]),
        "cover": nodes["count"],
    }
