"""`manifest.json` beside a drop: claims in strict JSON."""

import json
from math import isfinite
from typing import Any

import msgspec

from fraud.errors import InvalidArtefactError

MAX_BYTES = 64 << 10
MAX_DEPTH = 8
_LARGEST_INTEGER = 1 << 53


class ClaimedFeature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One column as the trainer describes it."""

    name: str
    median: float | None = None
    required: bool = False
    quantiles: list[float] = []


class ClaimedSchema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model's columns in order."""

    features: list[ClaimedFeature]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Every field is optional. `metrics` are claims; `schema` describes the model's columns."""

    description: str | None = None
    metrics: dict[str, Any] | None = None
    git_commit: str | None = None
    build_id: str | None = None
    sha256: str | None = None
    threshold: float | None = None
    feature_names: list[str] | None = None
    schema: ClaimedSchema | None = None
    training_data_sha256: str | None = None

    @property
    def names(self) -> tuple[str, ...] | None:
        """The column names, from `feature_names` or else from `schema`, in order."""
        if self.feature_names is not None:
            return tuple(self.feature_names)
        return tuple(feature.name for feature in self.schema.features) if self.schema else None

    @property
    def medians(self) -> dict[str, float]:
        """The training medians the schema gives, by column name."""
        features = self.schema.features if self.schema else []
        return {feature.name: feature.median for feature in features if feature.median is not None}


def read_manifest(data: bytes) -> Manifest:
    """The manifest in a file's bytes.

    Raises InvalidArtefactError for anything but UTF-8 JSON of at most 64 KiB and depth 8 with the fields above:
    unknown and repeated fields, NaN, infinity, huge integers and broken Unicode are refused.
    """
    if len(data) > MAX_BYTES:
        raise InvalidArtefactError(f"manifest.json has {len(data)} bytes; {MAX_BYTES} are allowed")
    try:
        raw = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
        _check(raw, MAX_DEPTH)
        return msgspec.convert(raw, Manifest)
    except (ValueError, RecursionError) as exc:  # msgspec's errors are ValueErrors
        raise InvalidArtefactError(f"manifest.json is not usable: {exc}") from exc


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is repeated")
    return found


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _check(value: Any, depth: int) -> None:
    if depth < 0:
        raise ValueError(f"it nests deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        value.encode("utf-8")  # lone surrogates raise
    elif isinstance(value, float) and not isfinite(value):
        raise ValueError("a number is too large")
    elif isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        raise ValueError("an integer is too large")
    elif isinstance(value, dict):
        for item in (*value.keys(), *value.values()):
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
