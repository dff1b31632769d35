"""What a training saves can be dropped as it is, and every claim in it is true of the files beside it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
import pytest
from matplotlib.image import imread

from fraud.scoring.schema import Schema
from fraud.versions.evaluation import evaluate
from fraud.versions.evaluation_set import load_evaluation_set
from training import artefacts
from training.artefacts import save
from training.trainer import Training


@pytest.fixture(scope="module")
def out(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "model"
    save(training, folder, source="generated transactions", data_sha256="ab" * 32)
    return folder


@pytest.fixture(scope="module")
def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return found


def test_every_path_that_is_told_exists_and_nothing_else(training: Training, tmp_path: Path) -> None:
    written = save(training, tmp_path / "new", source="rows", data_sha256="")

    assert sorted(written) == sorted((tmp_path / "new").iterdir())
    assert {path.name for path in written} == {
        "model.joblib",
        "manifest.json",
        "evaluation.npz",
        "precision_recall.png",
        "calibration.png",
    }


def test_the_artefact_is_a_bundle_that_scores_as_the_trained_model(training: Training, out: Path) -> None:
    bundle = joblib.load(out / "model.joblib")

    (model,) = bundle["models"].values()
    assert bundle["feature_names"] == list(training.parts.train.columns)
    assert np.array_equal(model.predict_proba(training.parts.validation.X)[:, 1], training.scores)


def test_the_manifest_names_the_hash_of_the_artefact_beside_it(out: Path, manifest: dict[str, Any]) -> None:
    assert manifest["sha256"] == hashlib.sha256((out / "model.joblib").read_bytes()).hexdigest()


def test_claims_are_what_the_saved_model_measures_on_the_saved_rows(out: Path, manifest: dict[str, Any]) -> None:
    # GIVEN only the files
    rows = load_evaluation_set((out / "evaluation.npz").read_bytes())
    (model,) = joblib.load(out / "model.joblib")["models"].values()

    # WHEN
    scores = model.predict_proba(rows.rows_for(manifest["feature_names"]))[:, 1]
    found = evaluate(rows.y, scores, threshold=manifest["threshold"], draws=1)

    # THEN
    for name, claimed in manifest["metrics"].items():
        assert getattr(found, name) == pytest.approx(claimed, abs=1e-12), name


def test_the_schema_holds_medians_and_deciles_of_the_training_rows(
    training: Training, manifest: dict[str, Any]
) -> None:
    schema = msgspec.convert(manifest["schema"], Schema)

    assert schema.names == training.parts.train.columns
    assert schema.medians == tuple(np.median(training.parts.train.X, axis=0))
    assert [feature.name for feature in schema.features if feature.required] == ["Time", "Amount"]
    amounts = training.parts.train.X[:, -1]
    shares = [(amounts <= decile).mean() for decile in schema.features[-1].quantiles]
    assert shares == pytest.approx(np.linspace(0.1, 0.9, 9), abs=0.01)


def test_the_manifest_says_where_the_model_comes_from(manifest: dict[str, Any]) -> None:
    assert manifest["description"].startswith("logistic on 3,600 generated transactions, ")
    assert manifest["training_data_sha256"] == "ab" * 32
    assert manifest["build_id"] == f"local-{manifest['sha256'][:12]}"


def test_a_build_id_from_the_environment_is_kept(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILD_ID", "ci-4711")

    assert artefacts.manifest_of(training, b"", source="", data_sha256="")["build_id"] == "ci-4711"


def test_without_git_there_is_no_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert artefacts.git_commit() is None


@pytest.mark.parametrize("name", ["precision_recall.png", "calibration.png"])
def test_pictures_are_drawn(out: Path, name: str) -> None:
    picture = imread(out / name)

    height, width, _ = picture.shape
    assert width > 800
    assert height > 600
    assert picture[..., :3].std() > 0.05
