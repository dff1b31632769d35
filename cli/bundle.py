"""Evidence as one zip: files with their SHA-256, and the audit chain with what it can be held against."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from cli.api import Api
from cli.errors import InvalidInputError
from fraud.audit.chain import Entry
from fraud.audit.examine import Checkpoint, Finding, Stored, examine

ENTRIES, PROOF, CONTENTS = "audit/entries.ndjson", "audit/proof.json", "contents.json"
PAGE = 1000


def audit_files(api: Api) -> dict[str, str]:
    """The whole chain, oldest first, and the pointer and checkpoints it is held against."""
    lines: list[str] = []
    cursor: str | None = None
    while True:
        page = api.get("/audit", {"limit": PAGE, "cursor": cursor}).body
        lines += [json.dumps(entry, sort_keys=True) for entry in page["entries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    proof = api.get("/audit/verify").body
    return {ENTRIES: "".join(f"{line}\n" for line in reversed(lines)), PROOF: text_of(proof)}


def write(file: Path, files: Mapping[str, str]) -> None:
    """One zip with the files and the SHA-256 of each; InvalidInputError when it cannot be written."""
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in {**files, CONTENTS: text_of(digests)}.items():
                bundle.writestr(name, text)
    except OSError as exc:
        raise InvalidInputError(f"{file} cannot be written: {exc.strerror}") from exc


def verify(file: Path) -> tuple[int, list[Finding]]:
    """How many entries a bundle holds and what is wrong with them, without asking anybody.

    Raises InvalidInputError for a file that is no bundle, or whose other files are not those that were written.
    """
    try:
        with zipfile.ZipFile(file) as bundle:
            files = {name: bundle.read(name) for name in bundle.namelist()}
        proof = json.loads(files[PROOF])
        head = msgspec.convert(proof["head"], Entry | None)
        checkpoints = msgspec.convert(proof["checkpoints"], list[Checkpoint])
        stored = [_stored(json.loads(line)) for line in files[ENTRIES].splitlines()]
        told = json.loads(files[CONTENTS])
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile, msgspec.ValidationError) as exc:
        raise InvalidInputError(f"{file} is not a bundle of `fraudctl audit export` or `fraudctl evidence`") from exc
    _require_unchanged({name: data for name, data in files.items() if name not in (ENTRIES, CONTENTS)}, told)
    # what was appended while the bundle was made came after its proof
    last = max([head.sequence if head else 0, *(one.sequence for one in checkpoints)])
    within = [one for one in stored if one.position <= last] if proof["intact"] else stored
    return len(within), examine(within, head, checkpoints)


def _require_unchanged(files: Mapping[str, bytes], told: Mapping[str, Any]) -> None:
    for name, data in files.items():
        if told.get(name) != hashlib.sha256(data).hexdigest():
            raise InvalidInputError(f"{name} is not what contents.json says")


def _stored(line: dict[str, Any]) -> Stored:
    position = int(line.pop("position"))
    try:
        return Stored(position, msgspec.convert(line, Entry))
    except msgspec.ValidationError:
        return Stored(position, None)


def text_of(document: object) -> str:
    """A JSON file's text."""
    return json.dumps(document, indent=1, sort_keys=True) + "\n"
