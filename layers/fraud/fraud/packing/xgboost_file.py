"""From the fields of an XGBoost file to a model, or to a refusal by name."""

from math import log

import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing.loader import Loaded
from fraud.packing.xgboost_layout import FileFields, FileOutline, LearnerFields, TreeFields
from fraud.packing.xgboost_model import XGBoost, XGBoostTree
from fraud.scoring.packed.nodes import MAX_TREES

_BOOSTER, _OBJECTIVE = "gbtree", "binary:logistic"
_WRAPPER = "scikit_learn"


def check_kind(outline: FileOutline) -> None:
    """UnsupportedModelError unless it is a `gbtree` for `binary:logistic`."""
    booster, objective = outline.learner.gradient_booster.name, outline.learner.objective.name
    if booster != _BOOSTER:
        raise UnsupportedModelError(f"XGBoost's booster {booster[:40]!r} cannot be packed; supported: {_BOOSTER}")
    if objective != _OBJECTIVE:
        raise UnsupportedModelError(f"XGBoost's objective {objective[:40]!r} cannot be packed; supported: {_OBJECTIVE}")


def loaded(fields: FileFields) -> Loaded:
    """The model and the version that wrote it; raises UnsupportedModelError, InvalidArtefactError, ValueError."""
    learner = fields.learner
    shape = learner.learner_model_param
    if shape.get("num_class", "0") not in ("0", "1") or shape.get("num_target", "1") != "1":
        raise UnsupportedModelError("an XGBoost model of several classes or targets cannot be packed")
    width, names = int(shape["num_feature"]), learner.feature_names
    if names and len(names) != width:
        raise InvalidArtefactError(f"{len(names)} column names for {width} columns")
    trees = [_tree(tree) for tree in _trees_asked(learner)]
    model = XGBoost(trees, width, names or None, _margin(shape["base_score"]))
    return Loaded(model, f"xgboost {'.'.join(map(str, fields.version[:3]))}")


def _trees_asked(learner: LearnerFields) -> list[TreeFields]:
    """The trees that answer: up to the best round where early stopping kept further ones."""
    model = learner.gradient_booster.model
    if model.weight_drop:
        raise UnsupportedModelError("XGBoost's booster 'dart' cannot be packed; supported: gbtree")
    if not 1 <= len(model.trees) <= MAX_TREES or any(model.tree_info) or len(model.tree_info) != len(model.trees):
        raise InvalidArtefactError(f"the file holds {len(model.trees)} trees of {len(model.tree_info)} groups")
    best = learner.attributes.get("best_iteration")
    parallel = int(model.gbtree_model_param.get("num_parallel_tree", "1"))
    asked = len(model.trees) if best is None else (int(best) + 1) * parallel
    if not 1 <= asked <= len(model.trees):
        raise InvalidArtefactError(f"the best round {best} is none of the {len(model.trees)} trees")
    if asked < len(model.trees) and _WRAPPER not in learner.attributes:
        # XGBClassifier stops at the best round, Booster.predict does not: the file does not say who will be asked
        raise UnsupportedModelError(
            f"XGBoost: trees follow the best round; save booster[:{int(best or 0) + 1}] instead"
        )
    return model.trees[:asked]


def _tree(fields: TreeFields) -> XGBoostTree:
    if fields.categories or any(fields.split_type):
        raise UnsupportedModelError("XGBoost's categorical splits cannot be packed")
    if fields.tree_param.get("size_leaf_vector", "1") not in ("0", "1"):
        raise UnsupportedModelError("XGBoost's vector leaves cannot be packed")
    tree = XGBoostTree(
        left=np.array(fields.left_children, dtype=np.int64),
        right=np.array(fields.right_children, dtype=np.int64),
        feature=np.array(fields.split_indices, dtype=np.int64),
        value=_single(fields.split_conditions),
        cover=np.array(fields.sum_hessian, dtype=np.float64),
    )
    if len({len(column) for column in tree}) != 1 or not len(tree.left) or not np.isfinite(tree.value).all():
        raise InvalidArtefactError("an XGBoost tree's columns differ in length, or hold NaN or infinity")
    return tree


def _single(numbers: list[float]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # infinity is refused with a reason
        return np.array(numbers, dtype=np.float32)


def _margin(base_score: str) -> float:
    """The log-odds of `base_score`, a number or since release 3.1 a list of one, in float32 as XGBoost has them."""
    base = np.float32(base_score.removeprefix("[").removesuffix("]"))
    if not 0.0 < base < 1.0:
        raise InvalidArtefactError(f"the base_score {base_score[:40]!r} is no probability")
    odds_against = np.float32(1.0) / base - np.float32(1.0)
    return float(np.float32(-log(odds_against)))
