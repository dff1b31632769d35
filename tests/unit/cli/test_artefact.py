"""What is checked before anything is uploaded."""

import hashlib
import json
from pathlib import Path

import pytest

from cli.artefact import read_artefact
from cli.errors import InvalidInputError

DATA = b"a fitted model"
DIGEST = hashlib.sha256(DATA).hexdigest()


def file_named(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(DATA)
    return path


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("model.joblib", "model.joblib"),
        ("forest-2026.joblib", "model.joblib"),
        ("model.skops", "model.skops"),
        ("model.txt", "model.txt"),
        ("model.json", "model.json"),
        ("model.ubj", "model.ubj"),
    ],
)
def test_a_file_gets_the_name_the_system_takes(tmp_path: Path, name: str, dropped: str) -> None:
    artefact = read_artefact(file_named(tmp_path, name), None, None)

    assert (artefact.name, artefact.data, artefact.sha256) == (dropped, DATA, DIGEST)


@pytest.mark.parametrize("name", ["model.pkl", "notes.txt", "manifest.json", "joblib"])
def test_another_file_is_refused_with_the_names_that_are_taken(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"model\.skops"):
        read_artefact(file_named(tmp_path, name), None, None)


def test_the_manifest_beside_the_file_goes_along(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"git_commit": "abc", "description": "old"}')

    artefact = read_artefact(file_named(tmp_path, "model.joblib"), None, "new")

    assert artefact.manifest == {"git_commit": "abc", "description": "new", "sha256": DIGEST}


def test_the_manifest_named_wins_over_the_one_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"build_id": "beside"}')
    named = tmp_path / "named.json"
    named.write_text('{"build_id": "named"}')

    artefact = read_artefact(file_named(tmp_path, "model.joblib"), named, None)

    assert artefact.manifest["build_id"] == "named"


def test_without_a_manifest_the_digest_alone_goes_along(tmp_path: Path) -> None:
    assert read_artefact(file_named(tmp_path, "model.joblib"), None, None).manifest == {"sha256": DIGEST}


@pytest.mark.parametrize("claimed", [DIGEST, DIGEST.upper()])
def test_a_manifest_of_these_bytes_is_taken(tmp_path: Path, claimed: str) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": claimed}))

    assert read_artefact(file_named(tmp_path, "model.joblib"), None, None).manifest["sha256"] == DIGEST


@pytest.mark.parametrize("claimed", ["0" * 64, "", None, 7])
def test_a_manifest_of_other_bytes_is_refused(tmp_path: Path, claimed: object) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": claimed}))

    with pytest.raises(InvalidInputError, match="other bytes"):
        read_artefact(file_named(tmp_path, "model.joblib"), None, None)


@pytest.mark.parametrize(
    ("text", "problem"), [("{", "not JSON"), ("[]", "not a JSON object"), (None, "cannot be read")]
)
def test_an_unusable_manifest_is_refused(tmp_path: Path, text: str | None, problem: str) -> None:
    manifest = tmp_path / "named.json"
    if text is not None:
        manifest.write_text(text)

    with pytest.raises(InvalidInputError, match=problem):
        read_artefact(file_named(tmp_path, "model.joblib"), manifest, None)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"model\.joblib cannot be read: No such file"):
        read_artefact(tmp_path / "model.joblib", None, None)
