"""What `pack` leaves behind about one drop: the packed model with its reference answers, or why there is none.

Written by the untrusted side, read by the trusted one: `decode` believes nothing.
"""

import hashlib
from array import array
from itertools import chain
from typing import Any

import msgspec

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed import container

KIND = "packed_drop"


class Drop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dropped object; `sha256` is that of its bytes."""

    bucket: str = ""
    key: str = ""
    version_id: str | None = None
    uploader: str | None = None
    sha256: str = ""
    size: int = 0


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a drop was refused: a stable code and the words an operator reads."""

    code: str
    reason: str


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a drop, without its arrays.

    `columns_assumed` says how unnamed columns were read. `metadata` (the artefact's own claims) and `manifest` (the
    file beside it) are claims, never evidence.
    """

    version: str = ""
    drop: Drop = Drop()
    received_at: str = ""
    packed_at: str = ""
    refused: Refusal | None = None
    family: str = ""
    features: tuple[str, ...] = ()
    columns_assumed: str | None = None
    libraries: dict[str, str] = {}
    metadata: dict[str, Any] = {}
    manifest: dict[str, Any] = {}
    signature: str | None = None


class QuarantineReport(Facts, frozen=True, kw_only=True):
    """Everything about one drop. A refused one has no packed model and no reference answers.

    `golden_answers` are the source model's own probabilities for `golden_rows` (each one number a feature).
    """

    packed: bytes = b""
    golden_rows: tuple[tuple[float, ...], ...] = ()
    golden_answers: tuple[float, ...] = ()

    @property
    def packed_sha256(self) -> str:
        """SHA-256 (hex) of the packed model's bytes."""
        return hashlib.sha256(self.packed).hexdigest()


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    facts: Facts


def encode(report: QuarantineReport) -> bytes:
    """The report as a container; the same report gives the same bytes."""
    facts = Facts(**{name: getattr(report, name) for name in Facts.__struct_fields__})
    arrays: dict[str, bytes | array[float]] = {
        "packed": report.packed,
        "golden_rows": array("d", chain.from_iterable(report.golden_rows)),
        "golden_answers": array("d", report.golden_answers),
    }
    return container.encode(msgspec.to_builtins(_Header(KIND, facts)), arrays)


def decode(data: bytes) -> QuarantineReport:
    """The report in a container; InvalidPackedModelError for anything `encode` cannot have written."""
    raw, arrays = container.decode(data)
    try:
        header = msgspec.convert(raw, _Header)
    except (msgspec.ValidationError, RecursionError) as exc:
        raise InvalidPackedModelError(f"the header is not that of a quarantine report: {exc}") from exc
    formats = {name: view.format for name, view in arrays.items()}
    if header.kind != KIND or formats != {"packed": "B", "golden_rows": "d", "golden_answers": "d"}:
        raise InvalidPackedModelError("the container is not a quarantine report")
    width = len(header.facts.features)
    if len(arrays["golden_rows"]) != width * len(arrays["golden_answers"]):
        raise InvalidPackedModelError("the reference rows do not fit their answers")
    flat = arrays["golden_rows"].tolist()
    return QuarantineReport(
        **{name: getattr(header.facts, name) for name in Facts.__struct_fields__},
        packed=arrays["packed"].tobytes(),
        golden_rows=tuple(zip(*[iter(flat)] * width, strict=True)),
        golden_answers=tuple(arrays["golden_answers"].tolist()),
    )
