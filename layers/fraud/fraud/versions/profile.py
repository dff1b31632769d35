"""The feature schema of a new version: what the manifest says of each column, else what the evaluation set shows."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidArtefactError, InvalidRequestError
from fraud.scoring.schema import Feature, Schema
from fraud.versions.evaluation_set import EvaluationSet

DECILES = np.linspace(0.1, 0.9, 9)


def schema_for(
    names: Sequence[str], claimed: object, evaluation: EvaluationSet | None, reference: Sequence[float]
) -> Schema:
    """The schema in the model's column order.

    `claimed` is the manifest's `schema` (`{"features": [{"name", "median", "required", "quantiles"}]}`) or None.
    Medians and deciles come from it, else from the evaluation set's legitimate rows, else medians from the packed
    model's own reference row; the shares between the deciles come from all rows of that set. Raises
    InvalidArtefactError when the claim is not a schema of exactly these columns.
    """
    told = _claimed(claimed, names)
    seen = _observed(names, evaluation) if evaluation else {}
    known = {**{name: Feature(name, median) for name, median in zip(names, reference, strict=True)}, **seen, **told}
    return Schema(_with_shares([known[name] for name in names], evaluation))


def _claimed(claimed: object, names: Sequence[str]) -> Mapping[str, Feature]:
    if claimed is None:
        return {}
    try:
        features = msgspec.convert(claimed, Schema).features
    except msgspec.ValidationError as exc:
        raise InvalidArtefactError(f"the manifest's schema is not a feature schema: {exc}") from exc
    told = {feature.name: feature for feature in features}
    if set(told) != set(names) or len(told) != len(features):
        raise InvalidArtefactError("the manifest's schema does not name exactly the model's columns")
    if not all(np.isfinite([feature.median, *feature.quantiles]).all() for feature in features):
        raise InvalidArtefactError("the manifest's schema holds numbers that are not finite")
    return told


def _with_shares(features: Sequence[Feature], evaluation: EvaluationSet | None) -> tuple[Feature, ...]:
    try:
        rows = evaluation.rows_for([feature.name for feature in features]) if evaluation else None
    except InvalidRequestError:
        rows = None
    return tuple(
        msgspec.structs.replace(feature, shares=_shares(feature.quantiles, rows[:, place]) if rows is not None else ())
        for place, feature in enumerate(features)
    )


def _shares(edges: tuple[float, ...], column: NDArray[np.float64]) -> tuple[float, ...]:
    if not edges or sorted(edges) != list(edges):
        return ()
    bins = np.searchsorted(edges, column, side="right")
    return tuple(map(float, np.bincount(bins, minlength=len(edges) + 1) / len(column)))


def _observed(names: Sequence[str], evaluation: EvaluationSet) -> Mapping[str, Feature]:
    try:
        rows = evaluation.rows_for(names)[evaluation.y == 0]
    except InvalidRequestError:
        return {}
    medians, deciles = np.median(rows, axis=0), np.quantile(rows, DECILES, axis=0).T
    return {
        name: Feature(name, float(median), quantiles=tuple(map(float, quantiles)))
        for name, median, quantiles in zip(names, medians, deciles, strict=True)
    }
