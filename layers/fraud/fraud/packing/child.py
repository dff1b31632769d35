"""One drop in a process of its own: `python -m fraud.packing.child <artefact> <manifest or -> <out>`.

Writes a quarantine report, also for a refused drop, and exits 0; any other exit (a crash, a limit) leaves no report.
Bucket, key, object version, drop version and time of receipt are not known here: the parent fills them in.
"""

import hashlib
import hmac
import os
import sys
from pathlib import Path

import msgspec

from fraud import packing
from fraud.clock import now, rfc3339
from fraud.errors import InvalidArtefactError, RejectedArtefactError
from fraud.packing.confinement import seal, set_limits
from fraud.packing.loader import check_size, load
from fraud.packing.manifest import Manifest, read_manifest
from fraud.versions.quarantine import Drop, QuarantineReport, Refusal, encode

NO_MANIFEST = "-"
MAX_REASON = 1000  # an operator reads it, and it is stored in one item with others


def main(arguments: list[str]) -> int:
    """Pack what the arguments name, within limits."""
    artefact, manifest, out = map(Path, arguments)
    set_limits()
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"  # joblib would start a process to count the cores
    seal(out)
    beside = b"{}" if str(manifest) == NO_MANIFEST else manifest.read_bytes()
    out.write_bytes(encode(examine(artefact, beside)))
    return 0


def examine(artefact: Path, manifest: bytes) -> QuarantineReport:
    """The report about one artefact and the manifest beside it; what is cheap to refuse is refused first."""
    report = QuarantineReport(drop=Drop(size=artefact.stat().st_size))
    try:
        check_size(artefact)
        with artefact.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        report = msgspec.structs.replace(report, drop=Drop(sha256=digest, size=report.drop.size))
        claims = read_manifest(manifest)
        report = msgspec.structs.replace(report, manifest=msgspec.to_builtins(claims))
        report = _filled(report, artefact, claims)
    except RejectedArtefactError as error:
        report = msgspec.structs.replace(report, refused=Refusal(error.code, error.message[:MAX_REASON]))
    except (MemoryError, RecursionError) as error:
        words = f"opening it needs more than a model may: {type(error).__name__}"
        report = msgspec.structs.replace(report, refused=Refusal("too_demanding", words))
    return msgspec.structs.replace(report, packed_at=rfc3339(now()))


def _filled(report: QuarantineReport, artefact: Path, claims: Manifest) -> QuarantineReport:
    _check_digest(claims.sha256, report.drop.sha256)
    loaded = load(artefact)
    packed = packing.pack(loaded.artefact, feature_names=claims.names, medians=claims.medians)
    return msgspec.structs.replace(
        report,
        family=packed.family,
        features=packed.features,
        columns_assumed=packed.columns_assumed,
        libraries=_libraries(packed, loaded.trained_with),
        metadata=packed.metadata,
        packed=packed.model,
        golden_rows=tuple(map(tuple, packed.golden_rows.tolist())),
        golden_answers=tuple(packed.golden_answers.tolist()),
    )


def _libraries(packed: "packing.Packed", trained_with: str | None) -> dict[str, str]:
    return packed.libraries if trained_with is None else {**packed.libraries, "trained-with": trained_with}


def _check_digest(claimed: str | None, found: str) -> None:
    if claimed is not None and not hmac.compare_digest(claimed.lower().encode(), found.encode()):
        raise InvalidArtefactError(f"the manifest names sha256 {claimed[:64]}, the file has {found}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
