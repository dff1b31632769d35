"""A model version as it is registered: immutable, everything known about it in one record."""

import re
from typing import Any

import msgspec

from fraud.errors import InvalidArtefactError, InvalidRequestError, Problem
from fraud.scoring.risk import Thresholds
from fraud.scoring.schema import Schema
from fraud.versions.measurements import Comparison, Latency

VERSION_PATTERN = re.compile(
    r"v(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?", re.ASCII
)
VERSION_MAX = 64
MAX_RECORD_BYTES = 350_000  # a DynamoDB item holds 400 KB, its other attributes included
READY = "READY"


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a version comes from."""

    drop_key: str
    drop_version_id: str | None = None
    drop_size: int = 0
    uploader: str | None = None
    signed_by: str | None = None
    deployed_by: str | None = None
    deployment_id: str = ""
    git_commit: str | None = None
    build_id: str | None = None
    training_data_sha256: str | None = None
    libraries: dict[str, str] = {}


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The registered record. `metrics` are measured here; `claimed_metrics` are what the drop said of itself.

    `metrics` is an Evaluation on the set whose SHA-256 is `evaluation_sha256`; `compared_with` the difference to the
    version that was active then, on the same rows; `verdict` what the gate said of both before the version was
    registered (should another version become active meanwhile, the deployment has the later one).
    """

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
    evaluation_sha256: str | None = None
    compared_with: Comparison | None = None
    latency: Latency | None = None
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


def storable(version: ModelVersion) -> ModelVersion:
    """The version, when its record fits into the registry; InvalidArtefactError with its size otherwise."""
    size = len(msgspec.json.encode(version))
    if size > MAX_RECORD_BYTES:
        raise InvalidArtefactError(
            f"the version's record (schema, claims, measurements) takes {size} bytes, {MAX_RECORD_BYTES} are allowed"
        )
    return version
