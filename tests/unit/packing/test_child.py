"""The quarantine process as the parent starts it."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import pytest
from sklearn.linear_model import LogisticRegression

import fraud
from fraud.packing.child import examine
from fraud.scoring.packed.model import PackedModel
from fraud.versions import quarantine
from fraud.versions.quarantine import QuarantineReport
from tests.unit.packing.conftest import draw


def _run(artefact: Path, manifest: str = "-") -> tuple[int, Path]:
    out = artefact.with_suffix(".fpq")
    environment = {"PYTHONPATH": str(Path(fraud.__file__).parents[1]), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "fraud.packing.child", str(artefact), manifest, str(out)]
    done = subprocess.run(command, env=environment, cwd=artefact.parent, check=False, timeout=120)
    return done.returncode, out


def test_a_process_of_its_own_packs_an_honest_drop(fitted: Mapping[str, Any], names: list[str], tmp_path: Path) -> None:
    artefact, manifest = tmp_path / "model.joblib", tmp_path / "manifest.json"
    joblib.dump(fitted["forest"], artefact)
    medians = [{"name": name, "median": 0.5} for name in names]
    manifest.write_text(json.dumps({"schema": {"features": medians}, "threshold": 0.3}))

    code, out = _run(artefact, str(manifest))

    report = quarantine.decode(out.read_bytes())
    assert code == 0
    assert report.refused is None
    assert report.drop.sha256 == hashlib.sha256(artefact.read_bytes()).hexdigest()
    assert report.drop.size == artefact.stat().st_size
    assert (report.family, report.features) == ("RandomForestClassifier", tuple(names))
    assert report.manifest["threshold"] == 0.3
    assert report.libraries["trained-with"] == report.libraries["scikit-learn"]
    packed = PackedModel.from_bytes(report.packed)
    assert packed.reference == (0.5,) * len(names)
    assert [packed.score(row) for row in report.golden_rows] == list(report.golden_answers)


def test_an_honest_drop_of_boosted_trees_trips_nothing(
    fitted: Mapping[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    joblib.dump(fitted["hist"], tmp_path / "model.joblib")

    code, _ = _run(tmp_path / "model.joblib")

    assert (code, capfd.readouterr().err) == (0, "")


def test_a_hostile_drop_leaves_a_refusal_and_exit_code_0(tmp_path: Path) -> None:
    artefact = tmp_path / "model.joblib"
    artefact.write_bytes(b"\x80\x02cos\nsystem\nU\x0ctouch hackedtR.")

    code, out = _run(artefact)

    report = quarantine.decode(out.read_bytes())
    assert code == 0
    assert not (tmp_path / "hacked").exists()
    assert report.refused is not None
    assert report.refused.code == "invalid_artefact"
    assert "os.system" in report.refused.reason
    assert (report.packed, report.golden_rows) == (b"", ())


def _examined(tmp_path: Path, model: Any, manifest: Mapping[str, Any]) -> QuarantineReport:
    joblib.dump(model, tmp_path / "model.joblib")
    return examine(tmp_path / "model.joblib", json.dumps(manifest).encode())


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ({"sha256": "0" * 64}, "names sha256"),
        ({"unknown": 1}, "manifest.json"),
        ({"feature_names": ["a", "b"]}, "2 column names for 8"),
        ({}, "expected 30"),
    ],
)
def test_a_drop_that_contradicts_its_manifest_is_refused(
    manifest: dict[str, Any], why: str, fitted: Mapping[str, Any], tmp_path: Path
) -> None:
    report = _examined(tmp_path, fitted["tree"], manifest)

    assert report.refused is not None
    assert why in report.refused.reason


def test_a_digest_in_the_manifest_is_accepted_in_either_case(
    fitted: Mapping[str, Any], names: list[str], tmp_path: Path
) -> None:
    joblib.dump(fitted["tree"], tmp_path / "model.joblib")
    digest = hashlib.sha256((tmp_path / "model.joblib").read_bytes()).hexdigest().upper()

    report = _examined(tmp_path, fitted["tree"], {"sha256": digest, "feature_names": names})

    assert report.refused is None


def test_five_unnamed_columns_are_refused_with_what_was_expected(tmp_path: Path) -> None:
    report = _examined(tmp_path, LogisticRegression(max_iter=2000).fit(*draw(0, 200, 5)), {})

    assert report.refused is not None
    assert report.refused.code == "invalid_artefact"
    assert "reads 5; expected 30" in report.refused.reason
