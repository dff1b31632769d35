"""A model file and its manifest, checked before anything is uploaded."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import InvalidInputError
from fraud.versions.keys import ARTEFACT_FILES, MANIFEST_FILE, SIGNATURE_SUFFIX


@dataclass(frozen=True)
class Artefact:
    """What a drop uploads: the bytes under their drop name, and the manifest that goes ahead of them."""

    name: str
    data: bytes
    sha256: str
    manifest: dict[str, Any]
    signature: bytes | None = None


def read_artefact(file: Path, manifest: Path | None, description: str | None) -> Artefact:
    """The drop made of a file, its manifest (the one given, else `manifest.json` beside it) and a description.

    A signature beside the file (`<file>.sig`) goes along; the manifest always holds the file's SHA-256 in the end.
    Raises InvalidInputError for a file name the system does not take, an unreadable manifest, or one that speaks of
    other bytes.
    """
    name = _drop_name(file)
    data = _read(file)
    digest = hashlib.sha256(data).hexdigest()
    beside = file.with_name(MANIFEST_FILE)
    claims = _manifest(manifest or beside) if manifest or beside.is_file() else {}
    claimed = claims.get("sha256", digest)
    if str(claimed).lower() != digest:
        raise InvalidInputError(f"the manifest is of other bytes: it says sha256 {claimed}, {file} has {digest}")
    told = {"description": description} if description is not None else {}
    beside = file.with_name(file.name + SIGNATURE_SUFFIX)
    signature = _read(beside) if beside.is_file() else None
    return Artefact(name, data, digest, {**claims, **told, "sha256": digest}, signature)


def _drop_name(file: Path) -> str:
    if file.suffix == ".joblib":
        return "model.joblib"
    if file.name not in ARTEFACT_FILES:
        raise InvalidInputError(f"{file.name} is none of {', '.join(ARTEFACT_FILES)}, nor another .joblib file")
    return file.name


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_read(path))
    except ValueError as exc:
        raise InvalidInputError(f"{path} is not JSON: {exc}") from exc
    if not isinstance(found, dict):
        raise InvalidInputError(f"{path} is not a JSON object")
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise InvalidInputError(f"{path} cannot be read: {exc.strerror}") from exc
