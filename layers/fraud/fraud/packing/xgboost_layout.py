"""The layout of XGBoost's model files, in JSON and UBJSON alike: every field, so that a new one is refused by name."""

from typing import Any

import msgspec


class TreeFields(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One tree, an entry a node. What follows `categories` plays no part in the answers to complete rows."""

    left_children: list[int]
    right_children: list[int]
    split_indices: list[int]
    split_conditions: list[float]
    sum_hessian: list[float]
    tree_param: dict[str, str]
    split_type: list[int] = []
    categories: list[int] = []
    categories_nodes: Any = None
    categories_segments: Any = None
    categories_sizes: Any = None
    base_weights: Any = None
    default_left: Any = None
    id: Any = None
    loss_changes: Any = None
    parents: Any = None


class TreesFields(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All trees of a `gbtree`. `iteration_indptr`: where each boosting round's trees begin (since release 2).

    `weight_drop`: what a `dart` multiplies its trees by.
    """

    gbtree_model_param: dict[str, str]
    tree_info: list[int]
    trees: list[TreeFields]
    iteration_indptr: Any = None
    weight_drop: Any = None
    cats: Any = None


class BoosterFields(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The booster."""

    name: str
    model: TreesFields


class LearnerFields(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The learner around the booster."""

    gradient_booster: BoosterFields
    learner_model_param: dict[str, str]
    objective: dict[str, Any]
    attributes: dict[str, str] = {}
    feature_names: list[str] = []
    feature_types: list[str] = []


class FileFields(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A whole file; `version` is that of the library that wrote it."""

    learner: LearnerFields
    version: list[int]


class Named(msgspec.Struct, frozen=True):
    """Something with a name."""

    name: str


class LearnerOutline(msgspec.Struct, frozen=True):
    """What kind of model it is."""

    gradient_booster: Named
    objective: Named


class FileOutline(msgspec.Struct, frozen=True):
    """What kind of model a file holds: asked first, since other kinds have other fields."""

    learner: LearnerOutline
