"""What a training leaves behind: the files a drop consists of, the evaluation set and the plots."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import joblib
import numpy as np

from fraud.versions.measurements import METRICS, Evaluation
from training.data import Transactions
from training.fit import Fitted
from training.plots import plot_calibration, plot_precision_recall
from training.trainer import Training

MODEL_FILE = "model.joblib"
DECILES = np.linspace(0.1, 0.9, 9)
TOP_LEVEL = ("time", "amount")


def save(training: Training, out: Path, *, source: str, data_sha256: str) -> list[Path]:
    """Write model, manifest, evaluation set and plots into `out`; gives their paths.

    `source` says in words which rows the model learnt from, `data_sha256` is their hash.
    """
    out.mkdir(parents=True, exist_ok=True)
    model, manifest, rows = out / MODEL_FILE, out / "manifest.json", out / "evaluation.npz"
    joblib.dump(bundle(training), model)
    claims = manifest_of(training, model.read_bytes(), source=source, data_sha256=data_sha256)
    manifest.write_text(json.dumps(claims, indent=2) + "\n", encoding="utf-8")
    save_rows(training.parts.validation, rows)
    return [model, manifest, rows, *_plots(training, out)]


def bundle(training: Training) -> dict[str, object]:
    """The artefact: one named model that carries the names of its columns."""
    fitted = training.fitted
    return {
        "models": {fitted.family: fitted.estimator},
        "scaler": None,
        "feature_names": list(training.parts.train.columns),
        "metadata": {"threshold": fitted.threshold, "metrics": claimed_metrics(training.evaluation)},
    }


def manifest_of(training: Training, model: bytes, *, source: str, data_sha256: str) -> dict[str, object]:
    """What the drop says of itself; its metrics are claims, measured again where it is deployed."""
    train = training.parts.train
    sha256 = hashlib.sha256(model).hexdigest()
    return {
        "description": describe(training.fitted, train, source),
        "metrics": claimed_metrics(training.evaluation),
        "git_commit": git_commit(),
        "build_id": os.environ.get("BUILD_ID") or f"local-{sha256[:12]}",
        "sha256": sha256,
        "threshold": training.fitted.threshold,
        "feature_names": list(train.columns),
        "training_data_sha256": data_sha256,
        "schema": {"features": schema_of(train)},
    }


def claimed_metrics(evaluation: Evaluation) -> dict[str, float]:
    """Each metric of the validation rows by name."""
    return {name: getattr(evaluation, name) for name in METRICS}


def describe(fitted: Fitted, train: Transactions, source: str) -> str:
    """One sentence for a person looking at a list of versions."""
    calibration = ", calibrated by a sigmoid" if fitted.calibrated else ""
    return f"{fitted.family} on {len(train):,} {source}, {train.frauds:,} of them fraud{calibration}"


def schema_of(train: Transactions) -> list[dict[str, object]]:
    """Name, median, deciles of each column, and whether a caller always sends it."""
    medians, deciles = np.median(train.X, axis=0), np.quantile(train.X, DECILES, axis=0).T
    return [
        {
            "name": name,
            "median": float(median),
            "required": name.lower() in TOP_LEVEL,
            "quantiles": [float(decile) for decile in column],
        }
        for name, median, column in zip(train.columns, medians, deciles, strict=True)
    ]


def save_rows(rows: Transactions, path: Path) -> None:
    """The evaluation set; in float32 when that loses nothing, which halves the file."""
    single = rows.X.astype(np.float32)
    X = single if np.array_equal(single, rows.X) else rows.X
    np.savez_compressed(path, X=X, y=rows.y, columns=np.array(rows.columns))


def sha256_of_rows(rows: Transactions) -> str:
    """A hash of generated rows, which have no file to be hashed."""
    return hashlib.sha256(rows.X.astype("<f8").tobytes() + rows.y.tobytes()).hexdigest()


def git_commit() -> str | None:
    """The commit of this checkout, None outside one."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- nothing from outside
    return found.stdout.strip() or None


def _plots(training: Training, out: Path) -> list[Path]:
    curve, calibration = out / "precision_recall.png", out / "calibration.png"
    plot_precision_recall(training.evaluation, training.parts.validation.y, training.scores, curve)
    plot_calibration(training.evaluation, training.parts.validation.y, training.scores, calibration)
    return [curve, calibration]
