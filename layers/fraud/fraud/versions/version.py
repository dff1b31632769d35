"""A model version as it is registered: immutable, everything known about it in one record."""

import re
from typing import Any

import msgspec

from fraud.errors import InvalidRequestError, Problem
from fraud.scoring.risk import Thresholds
from fraud.scoring.schema import Schema

VERSION_PATTERN = re.compile(
    r"v(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?", re.ASCII
)
VERSION_MAX = 64
READY = "READY"


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a version comes from."""

    drop_key: str
    drop_version_id: str | None = None
    drop_size: int = 0
    deployment_id: str = ""
    git_commit: str | None = None
    build_id: str | None = None
    training_data_sha256: str | None = None
    libraries: dict[str, str] = {}


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The registered record. `metrics` are measured here; `claimed_metrics` are what the drop said of itself."""

    version: str
    status: str = READY
    created_at: str
    sha256: str
    packed_sha256: str
    packed_key: str
    packed_bytes: int
    family: str
    description: str = ""
    metrics: dict[str, Any] | None = None
    claimed_metrics: dict[str, Any] = {}
    claim_differences: list[dict[str, Any]] = []
    thresholds: Thresholds = Thresholds()
    schema: Schema
    provenance: Provenance
    verdict: list[str] = []


def valid_version(text: str) -> str:
    """The text when it is `v` + semantic version with an optional suffix; InvalidRequestError otherwise."""
    if len(text) > VERSION_MAX or not VERSION_PATTERN.fullmatch(text):
        problem = Problem("version", f"{text[:VERSION_MAX]!r} is not v<major>.<minor>.<patch>[-suffix]")
        raise InvalidRequestError(f"version {problem['problem']}", code="invalid_version", details=[problem])
    return text
