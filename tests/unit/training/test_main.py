"""The command line: generated rows, files, and mistakes told in words."""

import hashlib
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from training.__main__ import main
from training.artefacts import save_rows
from training.generator import generate

app = typer.Typer()
app.command()(main)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["--model", "logistic", *map(str, arguments)], env={"COLUMNS": "160"})


def test_without_data_it_trains_on_generated_rows_and_says_where_it_wrote(tmp_path: Path) -> None:
    result = run("--rows", 3000, "--fraud-rate", 0.02, "--out", tmp_path / "model")

    assert result.exit_code == 0, result.output
    assert "generating transactions" in result.output
    assert "Average precision" in result.output
    assert "activation gate: " in result.output
    for name in ("model.joblib", "manifest.json", "evaluation.npz", "precision_recall.png", "calibration.png"):
        assert str(tmp_path / "model" / name) in result.output


def test_files_of_rows_are_trained_and_validated_on(tmp_path: Path) -> None:
    # GIVEN
    data, validation = tmp_path / "train.npz", tmp_path / "val.npz"
    save_rows(generate(rows=3000, fraud_rate=0.02), data)
    save_rows(generate(rows=1000, fraud_rate=0.02, seed=7), validation)

    # WHEN
    result = run("--data", data, "--validation", validation, "--out", tmp_path / "model")

    # THEN
    assert result.exit_code == 0, result.output
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text())
    assert manifest["training_data_sha256"] == hashlib.sha256(data.read_bytes()).hexdigest()
    assert "on 2,400 transactions of train.npz" in manifest["description"]


def test_only_the_first_rows_of_a_file_may_be_used(tmp_path: Path) -> None:
    save_rows(generate(rows=3000, fraud_rate=0.02), tmp_path / "train.npz")

    result = run("--data", tmp_path / "train.npz", "--rows", 2000, "--out", tmp_path / "model")

    assert result.exit_code == 0, result.output
    assert "fitting logistic on 1,200 rows" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "no-such.csv"], "no-such.csv"),
        (["--fraud-rate", "0.5"], "cannot generate"),
        (["--model", "perceptron"], "perceptron"),
    ],
)
def test_a_mistake_is_told_without_a_traceback(arguments: list[str], words: str, tmp_path: Path) -> None:
    result = run(*arguments, "--out", tmp_path / "model")

    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "model").exists()
