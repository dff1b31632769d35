"""Quarantine: receive one drop, have a fresh child process open and pack it, leave a report.

The parent never opens the artefact: it checks the key, hashes the bytes, and reads what the child wrote. Whatever
happens to the child (refusal, crash, hang, kill) becomes a report with a reason.
"""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from fraud.clock import now, rfc3339
from fraud.errors import FraudError, InvalidArtefactError, RejectedArtefactError
from fraud.observability import log
from fraud.versions import keys, quarantine
from fraud.versions.drop_store import MAX_DROP_BYTES, DropStore
from fraud.versions.notices import Notice
from fraud.versions.quarantine import Drop, QuarantineReport, Refusal
from fraud.versions.trust import Trust

MAX_MANIFEST_BYTES = 64 * 1024
MAX_SIGNATURE_BYTES = 1024
MAX_SAID_BYTES = 2000
CHILD_SECONDS = 90.0
_CHILD = (sys.executable, "-m", "fraud.packing.child")


def quarantine_drop(store: DropStore, notice: Notice, trust: Trust) -> str | None:
    """Handle one drop to its report; returns the report's key, None for what is read together with its artefact."""
    if keys.accompanies(notice.key):
        return None
    with tempfile.TemporaryDirectory() as scratch:
        report = _report(store, notice, Path(scratch), trust)
    key = _report_key(report)
    store.put_report(key, quarantine.encode(report))
    refused = report.refused.code if report.refused else None
    log("drop_quarantined", version=report.version, sha256=report.drop.sha256, family=report.family, refused=refused)
    return key


def _report(store: DropStore, notice: Notice, scratch: Path, trust: Trust) -> QuarantineReport:
    signature: str | None = None
    drop = Drop(bucket=notice.bucket, key=notice.key, version_id=notice.version_id, uploader=notice.uploader)
    version = ([*notice.key.split("/"), ""])[1][:64]
    try:
        version, file = keys.parse_drop_key(notice.key)
        size, sha256 = store.fetch(notice.key, notice.version_id, scratch / file, at_most=MAX_DROP_BYTES)
        drop = msgspec.structs.replace(drop, size=size, sha256=sha256)
        signature = _signature(store, notice.key, scratch / "signature")
        trust.signer_of(version, sha256, signature)
        manifest = scratch / keys.MANIFEST_FILE
        beside = store.beside(notice.key, keys.MANIFEST_FILE, manifest, at_most=MAX_MANIFEST_BYTES)
        report = _packed(scratch / file, manifest if beside else None, scratch / "report")
    except RejectedArtefactError as error:
        report = QuarantineReport(refused=Refusal(error.code, error.message))
    return msgspec.structs.replace(
        report, version=version, drop=drop, received_at=notice.at, packed_at=rfc3339(now()), signature=signature
    )


def _signature(store: DropStore, key: str, target: Path) -> str | None:
    file = key.rpartition("/")[2] + keys.SIGNATURE_SUFFIX
    if not store.beside(key, file, target, at_most=MAX_SIGNATURE_BYTES):
        return None
    return target.read_text("utf-8", "replace").strip()


def _packed(artefact: Path, manifest: Path | None, out: Path) -> QuarantineReport:
    """What the child made of the artefact; InvalidArtefactError when it did not live to say."""
    said = out.with_suffix(".said")
    status = _run([*_CHILD, str(artefact), str(manifest or "-"), str(out)], artefact.parent, said)
    if status != 0 or not out.exists():
        log("packer_died", level="ERROR", status=status, said=_end_of(said))
        raise InvalidArtefactError(f"opening it ended the packer (status {status})", code="packing_failed")
    try:
        return quarantine.decode(out.read_bytes())
    except FraudError as exc:
        raise InvalidArtefactError("the packer left no readable report", code="packing_failed") from exc


def _run(command: list[str], folder: Path, said: Path) -> int:
    """The child's exit status. What it says goes to a file, which its limits bound; all it started ends with it."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    with said.open("wb") as stream:
        child = subprocess.Popen(  # noqa: S603 -- our own module, no shell; the artefact is only a path to it
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            process_group=0,
        )
    try:
        return child.wait(CHILD_SECONDS)
    except subprocess.TimeoutExpired as exc:
        raise InvalidArtefactError(f"opening it took more than {CHILD_SECONDS:g} s", code="packing_timeout") from exc
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _end_of(said: Path) -> str:
    with said.open("rb") as stream:
        stream.seek(max(0, said.stat().st_size - MAX_SAID_BYTES))
        return stream.read(MAX_SAID_BYTES).decode("utf-8", "replace")


def _report_key(report: QuarantineReport) -> str:
    """By content where there is content; a refused key or an absent object is named by its own digest."""
    if report.refused and not report.drop.sha256:
        digest = hashlib.sha256(f"{report.drop.key}\n{report.drop.version_id}".encode()).hexdigest()
        return keys.quarantine_key("refused", digest)
    return keys.quarantine_key(report.version, report.drop.sha256)
