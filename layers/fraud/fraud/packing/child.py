"""One drop in a process of its own: `python -m fraud.packing.child <artefact> <manifest or -> <out>`.

Writes a quarantine report, also for a refused drop, and exits 0; any other exit (a crash, a limit) leaves no report.
Bucket, key, object version, drop version and time of receipt are not known here: the parent fills them in.
"""

import hashlib
import hmac
import resource
import sys
from pathlib import Path

import msgspec

from fraud import packing
from fraud.clock import now, rfc3339
from fraud.errors import InvalidArtefactError, RejectedArtefactError
from fraud.packing.loader import load
from fraud.packing.manifest import Manifest, read_manifest
from fraud.versions.quarantine import Drop, QuarantineReport, Refusal, encode

MEMORY_BYTES = 3 << 30
CPU_SECONDS = 60
NO_MANIFEST = "-"


def main(arguments: list[str]) -> int:
    """Pack what the arguments name, within limits."""
    set_limits()
    artefact, manifest, out = arguments
    beside = b"{}" if manifest == NO_MANIFEST else Path(manifest).read_bytes()
    Path(out).write_bytes(encode(examine(Path(artefact), beside)))
    return 0


def set_limits() -> None:
    """No more than 3 GiB of memory and 60 s of CPU for this process, and no core dump."""
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (allowed, allowed))


def examine(artefact: Path, manifest: bytes) -> QuarantineReport:
    """The report about one artefact and the manifest beside it."""
    with artefact.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    report = QuarantineReport(drop=Drop(sha256=digest, size=artefact.stat().st_size))
    try:
        claims = read_manifest(manifest)
        report = msgspec.structs.replace(report, manifest=msgspec.to_builtins(claims))
        report = _filled(report, artefact, claims)
    except RejectedArtefactError as error:
        report = msgspec.structs.replace(report, refused=Refusal(error.code, error.message))
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


def _libraries(packed: packing.Packed, trained_with: str | None) -> dict[str, str]:
    return packed.libraries if trained_with is None else {**packed.libraries, "trained-with": trained_with}


def _check_digest(claimed: str | None, found: str) -> None:
    if claimed is not None and not hmac.compare_digest(claimed.lower().encode(), found.encode()):
        raise InvalidArtefactError(f"the manifest names sha256 {claimed[:64]}, the file has {found}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
