"""Estimators of the right class with attributes no training leaves behind."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier

from tests.hostile.case import Hostile, dumped
from tests.hostile.honest import WIDTH, boosting, bundle, calibrated, forest, hist, linear, pipeline

CALIBRATOR = "calibrated_classifiers_.0.calibrators.0"
Change = Callable[[Any], object]
_LEADING = (
    *("a forest of texts", "classes the other way round", "column names that repeat", "10^9 classes by number"),
    *("weights that are not numbers", "weights of zero", "a scale of zero", "boosted nodes in a circle"),
    *("a pipeline of classifiers", "a calibrated model of nothing", "weights below zero", "metadata of 3,000 values"),
)
Cases = dict[str, tuple[Callable[[], Any], Change, str]]


def tampered() -> Iterator[Hostile]:
    """All of them."""
    for label, (make, change, words) in {**_FORESTS, **_OTHERS, **_BUNDLES}.items():
        model = make()
        change(model)
        yield Hostile(label, dumped(model), words, further=label not in _LEADING)
    ours, other = sklearn.__version__, "0" + sklearn.__version__[1:]
    yield Hostile("a forest of another release", dumped(forest()).replace(ours.encode(), other.encode()), other)


def _set(**attributes: Any) -> Change:
    return lambda model: model.__dict__.update(attributes)


def _members(*members: Any) -> Change:
    return _set(estimators_=list(members))


def _named(*names: str) -> Change:
    return _set(feature_names_in_=np.array(names, dtype=object))


def _leaf(path: str, value: Any) -> Change:
    """Fill an array somewhere inside."""

    def change(model: Any) -> None:
        for part in path.split("."):
            model = model[int(part)] if part.isdigit() else getattr(model, part)
        np.asarray(model)[...] = value

    return change


def _nodes(**changes: tuple[int, Any]) -> Change:
    """Change nodes of a boosted tree."""

    def change(model: Any) -> None:
        nodes = model._predictors[0][0].nodes
        for field, (node, value) in changes.items():
            nodes[field][node] = value

    return change


_FORESTS: Cases = {
    "a forest of texts": (forest, _members("a", "b"), "str cannot be packed"),
    "a forest of forests": (forest, _members(forest()), "RandomForestClassifier cannot be packed"),
    "a forest of dictionaries": (forest, _members({}, {}), "dict cannot be packed"),
    "a forest of nothing": (forest, _members(), "no trees"),
    "a forest that is None": (forest, _set(estimators_=None), ""),
    "a forest of regression trees": (forest, _members(*boosting().estimators_.ravel()), "cannot be packed"),
    "classes the other way round": (forest, _set(classes_=np.array([1, 0])), "classes"),
    "classes of text": (forest, _set(classes_=np.array(["no", "yes"])), "classes"),
    "one class": (forest, _set(classes_=np.array([0])), "classes"),
    "three classes": (forest, _set(classes_=np.array([0, 1, 2])), "classes"),
    "classes that are not numbers": (forest, _set(classes_=np.array([np.nan, 1.0])), "classes"),
    "classes in a list in a list": (forest, _set(classes_=[[[1]]]), "classes"),
    "10^9 classes by number": (forest, _set(n_classes_=10**9), ""),
    "columns by the billion": (forest, _set(n_features_in_=10**9), ""),
    "columns below zero": (forest, _set(n_features_in_=-1), ""),
    "columns in text": (forest, _set(n_features_in_="30"), ""),
    "trees of other columns": (forest, lambda m: setattr(m.estimators_[0], "n_features_in_", 3), "columns"),
    "an answer of its own": (forest, _set(predict_proba=RandomForestClassifier), ""),
    "column names that repeat": (forest, _named(*["a"] * WIDTH), "differ"),
    "column names with control characters": (forest, _named(*(f"c\0{column}" for column in range(WIDTH))), "printable"),
    "column names that are numbers": (forest, _set(feature_names_in_=np.arange(3)), "3 column names"),
    "column names that are a list of lists": (forest, _set(feature_names_in_=[[]] * WIDTH), ""),
}  # fmt: skip
_OTHERS: Cases = {
    "weights that are not numbers": (linear, _leaf("coef_", np.nan), ""),
    "weights without end": (linear, _leaf("coef_", np.inf), ""),
    "an intercept that is not a number": (linear, _leaf("intercept_", np.nan), ""),
    "weights of another shape": (linear, _set(coef_=np.zeros((2, WIDTH))), "shape"),
    "weights of text": (linear, _set(coef_=np.array([["x"] * WIDTH])), ""),
    "weights of zero": (linear, lambda m: (_leaf("coef_", 0.0)(m), _leaf("intercept_", 0.0)(m)), ""),
    "a scale of zero": (pipeline, _leaf("steps.0.1.scale_", 0.0), ""),
    "a mean that is not a number": (pipeline, _leaf("steps.0.1.mean_", np.nan), ""),
    "a pipeline of nothing": (pipeline, _set(steps=[]), ""),
    "a pipeline of None": (pipeline, _set(steps=None), ""),
    "a pipeline that ends in a scaler": (pipeline, lambda m: m.steps.reverse(), ""),
    "a pipeline of classifiers": (pipeline, lambda m: m.steps.insert(0, ("first", linear())), "cannot be packed"),
    "boosting of forests": (boosting, _set(estimators_=np.array([[forest()]], dtype=object)), "cannot be packed"),
    "boosting at a rate that is not a number": (boosting, _set(learning_rate=np.nan), ""),
    "boosting from an estimator": (boosting, _set(init_=forest()), "init estimator"),
    "boosting with a strange loss": (boosting, _set(_loss=forest()), ""),
    "boosted nodes in a circle": (hist, _nodes(left=(0, 0)), "cycle"),
    "a boosted child beyond the tree": (hist, _nodes(right=(0, 4_000_000_000)), "out of bounds"),
    "a boosted column beyond the row": (hist, _nodes(feature_idx=(0, 20_000)), "column outside"),
    "a boosted split by category": (hist, _nodes(is_categorical=(0, 1)), "categorical"),
    "boosted leaves that are not numbers": (hist, _nodes(value=(-1, np.nan)), ""),
    "boosted nodes of floats": (hist, lambda m: setattr(m._predictors[0][0], "nodes", np.zeros(9)), ""),
    "a boosted baseline that is not a number": (hist, _set(_baseline_prediction=np.array([[np.nan]])), ""),
    "boosting of nothing": (hist, _set(_predictors=[]), "no trees"),
    "a calibrated model of nothing": (calibrated, _set(calibrated_classifiers_=[]), ""),
    "a calibrated model of texts": (calibrated, _set(calibrated_classifiers_=["a"]), ""),
    "calibration that goes back": (calibrated, _leaf(f"{CALIBRATOR}.X_thresholds_", -1.0), ""),
    "calibration that is not a number": (calibrated, _leaf(f"{CALIBRATOR}.y_thresholds_", np.nan), ""),
    "calibration beyond 1": (calibrated, _leaf(f"{CALIBRATOR}.y_thresholds_", 3.0), ""),
}  # fmt: skip
_BUNDLES: Cases = {
    "a bundle without models": (bundle, lambda b: b.pop("models"), "'models'"),
    "a bundle of a list": (bundle, lambda b: b.update(models=[forest()]), "'models'"),
    "a bundle of texts": (bundle, lambda b: b.update(models={"a": "forest"}, weights=None), "cannot be packed"),
    "a bundle in a bundle": (bundle, lambda b: b.update(models={"a": bundle()}, weights=None), "cannot be packed"),
    "a bundle with a key nobody reads": (bundle, lambda b: b.update(on_load="os.system"), "on_load"),
    "a bundle behind a classifier": (bundle, lambda b: b.update(scaler=forest()), "cannot be packed"),
    "weights below zero": (bundle, lambda b: b.update(weights={"a": -1.0, "b": 2.0}), "weighting"),
    "weights without end in a bundle": (bundle, lambda b: b.update(weights={"a": np.inf, "b": 1.0}), "weighting"),
    "weights for others": (bundle, lambda b: b.update(weights={"x": 1.0}), "weights"),
    "metadata with an estimator": (bundle, lambda b: b.update(metadata={"m": forest()}), "no plain value"),
    "metadata of 3,000 values": (bundle, lambda b: b.update(metadata={"m": list(range(3000))}), "more than 2000"),
    "metadata 9 deep": (bundle, lambda b: b.update(metadata={"m": [[[[[[[[1]]]]]]]]}), "deeper"),
    "metadata with lone surrogates": (bundle, lambda b: b.update(metadata={"m": "\ud800"}), "Unicode"),
    "names for other columns": (bundle, lambda b: b.update(feature_names=["a", "b"]), "2 column names"),
}  # fmt: skip
