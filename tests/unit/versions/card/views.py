"""Views of versions as the API shows them: one with known numbers, and hostile texts for every place a text has."""

from typing import Any

import msgspec

from fraud.scoring.risk import Thresholds
from fraud.scoring.schema import Feature, Schema
from fraud.traffic.routing import Routing
from fraud.versions.measurements import (
    CalibrationBin,
    Comparison,
    Confusion,
    CurvePoint,
    Difference,
    Evaluation,
    Latency,
)
from fraud.versions.version import ModelVersion, Provenance
from fraud.versions.views import version_view

EVALUATION = Evaluation(
    n=2000,
    frauds=50,
    threshold=0.42,
    average_precision=0.9011,
    roc_auc=0.9822,
    f1=0.8333,
    precision=0.8696,
    recall=0.8,
    precision_at_100=0.46,
    brier=0.0055,
    log_loss=0.0266,
    calibration_error=0.00077,
    confusion=Confusion(tp=40, fp=6, fn=10, tn=1944),
    score_histogram=(1900, 40, 8, *[0] * 13, 4, 8, 10, 30),
    fraud_histogram=(3, 2, 1, *[0] * 13, 2, 5, 8, 29),
    draws=1000,
    bounds={
        "average_precision": (0.8111, 0.9611),
        "roc_auc": (0.9722, 0.9922),
        "f1": (0.7433, 0.9033),
        "precision": (0.7796, 0.9496),
        "recall": (0.6801, 0.9001),
        "precision_at_100": (0.4102, 0.4902),
        "brier": (0.0035, 0.0075),
        "log_loss": (0.0166, 0.0366),
        "calibration_error": (0.00033, 0.00123),
    },
    precision_recall_curve=(
        CurvePoint(threshold=0.99, precision=1.0, recall=0.3),
        CurvePoint(threshold=0.42, precision=0.8696, recall=0.8),
        CurvePoint(threshold=0.003, precision=0.0321, recall=1.0),
    ),
    calibration=(
        CalibrationBin(mean_score=0.2345, fraud_share=0.235, n=200),
        CalibrationBin(mean_score=0.0011, fraud_share=0.0, n=1800),
    ),
    precision_at_k={"10": 1.0, "50": 0.78, "100": 0.46, "500": 0.1},
)
COMPARISON = Comparison(
    version="v1.0.0",
    n=2000,
    frauds=50,
    draws=1000,
    f1=Difference(0.0333, -0.0111, 0.0777),
    average_precision=Difference(-0.0044, -0.0222, 0.0134),
)
VERSION = ModelVersion(
    version="v1.1.0",
    created_at="2026-01-02T03:04:05.678Z",
    sha256="a1" * 32,
    packed_sha256="b2" * 32,
    packed_key=f"models/v1.1.0/{'b2' * 32}.fpm",
    packed_bytes=123456,
    family="random_forest",
    description="deeper trees",
    metrics=msgspec.to_builtins(EVALUATION),
    claimed_metrics={"f1_score": 0.97, "recall": 0.8, "lift": 9.5, "note": "excellent"},
    claim_differences=[{"metric": "f1", "claimed": 0.97, "measured": 0.8333, "difference": -0.1367}],
    evaluation_sha256="e5" * 32,
    compared_with=COMPARISON,
    latency=Latency(one_row_us=87.65, thousand_rows_ms=91.23),
    thresholds=Thresholds(0.42, 0.85),
    schema=Schema(
        (
            Feature("amount", 22.5, required=True, quantiles=(1.5, 3.0, 5.0, 9.0, 22.5, 30.0, 50.0, 80.0, 203.25)),
            Feature("V1", -0.0625),
        )
    ),
    provenance=Provenance(
        drop_key="drops/v1.1.0/model.joblib",
        drop_version_id="s3-version-7",
        drop_size=654321,
        deployment_id="dep-0123456789abcdef",
        git_commit="c0ffee",
        build_id="build-77",
        training_data_sha256="d4" * 32,
        libraries={"numpy": "2.5.5", "scikit-learn": "1.9.1"},
    ),
    verdict=["held: lower 95 % bound of F1 0.74 does not exceed 0.85"],
)
HISTORY = (
    Routing(
        revision=9, active="v1.2.0", previous="v1.1.0", kind="activate", position=9, parent=8,
        at="2026-01-04T00:00:00.000Z", by="deploy", why="better", change_id="y",
    ),
    Routing(
        revision=8, active="v1.1.0", previous="v1.0.0", kind="activate", position=8, parent=7,
        at="2026-01-03T00:00:00.000Z", by="ops", why="by hand", change_id="x",
    ),
)  # fmt: skip


def view(**changes: Any) -> dict[str, Any]:
    """What `GET /models/versions/v1.1.0` answers, with some fields of the record changed."""
    return version_view(msgspec.structs.replace(VERSION, **changes), "v1.1.0", HISTORY)


def bare() -> dict[str, Any]:
    """A version about which nothing is known but what every record has."""
    nothing: dict[str, Any] = {
        "metrics": None,
        "compared_with": None,
        "latency": None,
        "evaluation_sha256": None,
        "verdict": [],
    }
    claims: dict[str, Any] = {"claimed_metrics": {}, "claim_differences": []}
    told = msgspec.structs.replace(VERSION, description="", provenance=Provenance(drop_key="k"), **nothing, **claims)
    return version_view(told, None, ())


def hostile(text: str) -> dict[str, Any]:
    """A view with the text wherever a text from outside can stand."""
    shown = view(
        family=text,
        description=text,
        claimed_metrics={text: text, "lift": [text], "f1": float("inf")},
        schema=Schema((Feature(text, 1.0), Feature("V1"))),
        verdict=[text],
        packed_key=text,
        provenance=Provenance(
            drop_key=text, drop_version_id=text, git_commit=text, build_id=text, uploader=text, libraries={text: text}
        ),
    )
    for happening in shown["history"]:
        happening.update(by=text, why=text, event=text)
    return {**shown, "approvals": [{text: text}]}
