"""What an artefact says of its own shape: columns, their names, and its family."""

from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier, VotingClassifier

from fraud.errors import InvalidArtefactError
from fraud.packing.bundle import Bundle
from fraud.scoring.packed.model import MAX_FEATURES


def width_of(artefact: object) -> int:
    """How many columns the artefact reads; InvalidArtefactError when it does not say."""
    widths = {part.n_features_in_ for part in _entrances(artefact) if hasattr(part, "n_features_in_")}
    if not widths:
        raise InvalidArtefactError(f"{family_of(artefact)} is not fitted")
    if len(widths) != 1:
        raise InvalidArtefactError(f"the artefact's parts read {sorted(widths)} columns; one number is needed")
    (width,) = widths
    if not 1 <= width <= MAX_FEATURES:
        raise InvalidArtefactError(f"the artefact reads {width} columns; 1 to {MAX_FEATURES} are allowed")
    return int(width)


def own_names(artefact: object) -> tuple[str, ...] | None:
    """The column names the artefact was fitted with or the bundle lists, None when it has none.

    InvalidArtefactError when two parts name them differently.
    """
    told = [tuple(map(str, part.feature_names_in_)) for part in _entrances(artefact) if _is_named(part)]
    if isinstance(artefact, Bundle) and artefact.feature_names is not None:
        told.append(tuple(artefact.feature_names))
    if len(set(told)) > 1:
        raise InvalidArtefactError("the artefact's parts name their columns differently")
    return told[0] if told else None


def family_of(artefact: object) -> str:
    """What the artefact is, in class names: `Pipeline(StandardScaler, LogisticRegression)`."""
    if isinstance(artefact, Bundle):
        inside: list[Any] = [*([] if artefact.scaler is None else [artefact.scaler]), *artefact.models.values()]
        return f"bundle({', '.join(map(family_of, inside))})"
    inside = _inside(artefact)
    parts = f"({', '.join(map(family_of, inside))})" if inside else ""
    return type(artefact).__name__ + parts


def _entrances(artefact: Any) -> list[Any]:
    """The parts that see the artefact's own columns."""
    if isinstance(artefact, Bundle):
        parts = [part for model in artefact.models.values() for part in _entrances(model)]
        return parts if artefact.scaler is None else [*_entrances(artefact.scaler), *parts]
    for _, step in getattr(artefact, "steps", []):
        if not isinstance(step, str | None):
            return _entrances(step)
    return [artefact]


def _inside(artefact: Any) -> list[Any]:
    """The estimators a family name lists in brackets: not the many alike a forest or a calibration holds."""
    if isinstance(artefact, VotingClassifier | StackingClassifier):
        inside = [*getattr(artefact, "estimators_", []), getattr(artefact, "final_estimator_", None)]
    elif isinstance(artefact, ColumnTransformer):
        inside = [transformer for _, transformer, _ in getattr(artefact, "transformers_", [])]
    elif isinstance(artefact, CalibratedClassifierCV):
        inside = [member.estimator for member in getattr(artefact, "calibrated_classifiers_", [])[:1]]
    else:
        inside = [step for _, step in getattr(artefact, "steps", [])]
    return [part for part in inside if not isinstance(part, str | None)]


def _is_named(part: Any) -> bool:
    return getattr(part, "feature_names_in_", None) is not None
