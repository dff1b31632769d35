"""The bundle: several classifiers behind one scaler, averaged by weight."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidArtefactError
from fraud.packing.answers import probability_of_fraud
from fraud.packing.bench import Bench, Packed
from fraud.packing.chains import width_after
from fraud.packing.composites import after, mean_of

_KEYS = frozenset(("models", "scaler", "weights", "feature_names", "metadata"))


class Bundle(msgspec.Struct, frozen=True):
    """`{"models": {name: estimator}, "scaler"?, "weights"?: {name: number}, "feature_names"?, "metadata"?}`."""

    models: dict[str, Any]
    scaler: Any
    weights: list[float] | None
    feature_names: Sequence[str] | None
    metadata: Mapping[str, Any]


def read_bundle(raw: Mapping[Any, Any]) -> Bundle:
    """The bundle in a dictionary; InvalidArtefactError says what is missing, unknown or of the wrong type."""
    models = raw.get("models")
    if not isinstance(models, dict) or not models or not all(isinstance(name, str) for name in models):
        raise InvalidArtefactError("the artefact is a dictionary without estimators under 'models'")
    unknown = [str(key)[:40] for key in raw if key not in _KEYS]
    if unknown:
        raise InvalidArtefactError(f"the bundle holds keys nobody reads: {', '.join(sorted(unknown)[:5])}")
    metadata = raw.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise InvalidArtefactError("the bundle's metadata is not a dictionary")
    names = raw.get("feature_names")
    return Bundle(
        models,
        raw.get("scaler"),
        _weights(raw.get("weights"), models),
        None if names is None else [str(name) for name in names],
        metadata,
    )


def pack_bundle(bundle: Bundle, bench: Bench) -> Packed:
    """The weighted mean of the members' probabilities, after the scaler."""
    transforms = () if bundle.scaler is None else bench.transforms(bundle.scaler)
    inside = bench.at(width_after(transforms, bench.arrays, bench.width))
    members = [inside.classifier(model).probability for model in bundle.models.values()]
    packed = after(transforms, mean_of(members, bundle.weights, inside))
    return Packed(packed, packed)


def predict_bundle(bundle: Bundle, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same from scikit-learn itself: the probability of class 1 for each row."""
    scaled = rows if bundle.scaler is None else np.asarray(bundle.scaler.transform(rows))
    answers = [probability_of_fraud(model, scaled) for model in bundle.models.values()]
    if len(answers) == 1:
        return np.asarray(answers[0], dtype=np.float64)
    return np.asarray(np.average(np.stack(answers), axis=0, weights=bundle.weights), dtype=np.float64)


def _weights(raw: Any, models: dict[str, Any]) -> list[float] | None:
    if raw is None:
        return None
    if not isinstance(raw, dict) or raw.keys() != models.keys():
        raise InvalidArtefactError("the bundle's weights do not name exactly its models")
    if any(isinstance(weight, bool | np.bool_ | str) for weight in raw.values()):
        raise InvalidArtefactError("the bundle's weights are not numbers")
    weights = [float(raw[name]) for name in models]
    if not all(np.isfinite(weights)) or min(weights) < 0 or sum(weights) <= 0:
        raise InvalidArtefactError(f"the bundle's weights {weights} are not a weighting")
    return weights
