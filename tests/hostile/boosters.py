"""Hand-written model files of LightGBM and XGBoost, and what can be wrong with them."""

import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.hostile.case import ARTEFACT, Hostile
from tests.hostile.honest import WIDTH

TEXT, JSON, UBJ = (ARTEFACT.replace("model.joblib", file) for file in ("model.txt", "model.json", "model.ubj"))
_HEADER = {
    "version": "v4",
    "num_class": "1",
    "num_tree_per_iteration": "1",
    "label_index": "0",
    "max_feature_idx": f"{WIDTH - 1}",
    "objective": "binary sigmoid:1",
    "feature_names": " ".join(f"Column_{column}" for column in range(WIDTH)),
    "feature_infos": " ".join(["[-9:9]"] * WIDTH),
}
_TREE = {
    "num_leaves": "3",
    "num_cat": "0",
    "split_feature": "0 1",
    "split_gain": "1 1",
    "threshold": "0.5 0.25",
    "decision_type": "2 2",
    "left_child": "1 -1",
    "right_child": "-2 -3",
    "leaf_value": "0.1 -0.2 0.3",
    "leaf_weight": "1 1 1",
    "leaf_count": "10 10 10",
    "internal_value": "0 0",
    "internal_weight": "0 0",
    "internal_count": "30 20",
    "is_linear": "0",
    "shrinkage": "1",
}


def lightgbm(header: dict[str, str] | None = None, **changes: str) -> bytes:
    """A model text of two trees, the second with `changes`."""
    trees = (_TREE, {**_TREE, **changes})
    parts = ["tree", *_lines({**_HEADER, "tree_sizes": "1 1", **(header or {})}), ""]
    for place, tree in enumerate(trees):
        parts += [f"Tree={place}", *_lines(tree), ""]
    return "\n".join([*parts, "end of trees", "", "pandas_categorical:null", ""]).encode()


def xgboost(**changes: Any) -> dict[str, Any]:
    """The fields of a model file of one tree with `changes`."""
    tree = {
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "split_indices": [3, 0, 0],
        "split_conditions": [0.5, -0.3, 0.4],
        "sum_hessian": [9.0, 5.0, 4.0],
        "tree_param": {"num_nodes": "3", "size_leaf_vector": "1"},
        **changes,
    }
    model = {"gbtree_model_param": {"num_trees": "1"}, "tree_info": [0], "trees": [tree]}
    learner = {
        "gradient_booster": {"name": "gbtree", "model": model},
        "learner_model_param": {"num_feature": f"{WIDTH}", "num_class": "0", "base_score": "5E-1"},
        "objective": {"name": "binary:logistic"},
    }
    return {"learner": learner, "version": [3, 0, 0]}


def ubjson(value: Any) -> bytes:
    """The value as XGBoost would write it."""
    if isinstance(value, dict):
        return b"{" + b"".join(_text(key) + ubjson(item) for key, item in value.items()) + b"}"
    if isinstance(value, list):
        return b"[#L" + struct.pack(">q", len(value)) + b"".join(map(ubjson, value))
    if isinstance(value, str):
        return b"S" + _text(value)
    return (b"L" + struct.pack(">q", value)) if isinstance(value, int) else b"D" + struct.pack(">d", value)


def boosters() -> Iterator[Hostile]:
    """All of them."""
    for label, (content, words) in _texts().items():
        yield Hostile(f"LightGBM with {label}", content, words, key=TEXT)
    for label, (fields, words) in _trees().items():
        yield Hostile(f"XGBoost with {label}", json.dumps(fields).encode(), words, key=JSON)
        yield Hostile(f"XGBoost in UBJSON with {label}", ubjson(fields), words, key=UBJ, further=True)
    for label, content in _binary().items():
        yield Hostile(f"UBJSON with {label}", content, "UBJSON", key=UBJ)
    yield Hostile("JSON 100,000 deep", b'{"learner": ' + b"[" * 100_000, "cannot be read", key=JSON)
    yield Hostile("JSON that is cut off", json.dumps(xgboost()).encode()[:-9], "cannot be read", key=JSON)


def _texts() -> dict[str, tuple[bytes, str]]:
    return {
        "a split that is its own child": (lightgbm(left_child="0 -1"), ""),
        "a child beyond the tree": (lightgbm(left_child="77 -1"), ""),
        "a leaf beyond the tree": (lightgbm(right_child="-2 -77"), ""),
        "a column beyond the row": (lightgbm(split_feature="0 30"), ""),
        "a threshold that is not a number": (lightgbm(threshold="nan 0.25"), ""),
        "a leaf without end": (lightgbm(leaf_value="0.1 inf 0.3"), ""),
        "a billion leaves": (lightgbm(num_leaves="1000000000"), ""),
        "no leaves": (lightgbm(num_leaves="0"), ""),
        "a number of 5,000 digits": (lightgbm(num_leaves="9" * 5000), "cannot be read"),
        "a billion categories": (lightgbm(num_cat="1", cat_boundaries="0 1000000000", decision_type="1 2"), ""),
        "linear trees": (lightgbm(is_linear="1"), "is_linear"),
        "a field nobody knows": (lightgbm(on_load="os.system"), "on_load"),
        "another objective": (lightgbm({"objective": "multiclass"}), "multiclass"),
        "a slope without end": (lightgbm({"objective": "binary sigmoid:inf"}), "sigmoid"),
        "a column too few": (lightgbm({"max_feature_idx": f"{WIDTH}"}), "column names"),
        "three trees of two": (lightgbm({"tree_sizes": "1 1 1"}), "trees"),
        "no end": (lightgbm().partition(b"end of trees")[0], "cut off"),
        "a byte that is not UTF-8": (lightgbm().replace(b"Column_3", b"Column_\xff"), "cannot be read"),
    }


def _trees() -> dict[str, tuple[dict[str, Any], str]]:
    return {
        "a node that is its own child": (xgboost(left_children=[0, -1, -1]), ""),
        "a child beyond the tree": (xgboost(right_children=[99, -1, -1]), ""),
        "a child at 2^40": (xgboost(right_children=[1 << 40, -1, -1]), ""),
        "a column beyond the row": (xgboost(split_indices=[WIDTH, 0, 0]), ""),
        "a leaf beyond float32": (xgboost(split_conditions=[0.5, 1e300, 0.4]), ""),
        "columns of other lengths": (xgboost(sum_hessian=[1.0]), "differ in length"),
        "no nodes": (xgboost(left_children=[], right_children=[]), "differ in length"),
        "splits by category": (xgboost(split_type=[1, 0, 0]), "categorical"),
        "a field nobody knows": (xgboost(on_load="os.system"), "on_load"),
        "vectors for leaves": (xgboost(tree_param={"size_leaf_vector": "9"}), "vector"),
    }


def _binary() -> dict[str, bytes]:
    return {
        "a list of 2^62 numbers": b"{" + _text("learner") + b"[$d#L" + struct.pack(">q", 1 << 62),
        "a text of 2^40 letters": b"{L" + struct.pack(">q", 1 << 40) + b"learner",
        "a length below zero": b"{L" + struct.pack(">q", -9) + b"learner",
        "an unknown type": b"{" + _text("learner") + b"H",
        "100,000 lists": b"[#i\x01" * 100_000,
        "a key twice": b"{" + (_text("a") + b"Z") * 2 + b"}",
    }


def _text(words: str) -> bytes:
    return b"L" + struct.pack(">q", len(words)) + words.encode()


def _lines(fields: dict[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in fields.items()]
