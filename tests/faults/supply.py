"""What a history may drop: good models, a weak one, and some that must be refused; packed once for all histories."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import msgspec
import numpy as np
from sklearn.ensemble import RandomForestClassifier

from fraud.packing.child import examine
from fraud.scoring.schema import DEFAULT_FEATURES
from fraud.versions import quarantine
from fraud.versions.quarantine import QuarantineReport, Refusal
from tests.functional.conftest import Stack
from tests.functional.models import Floats, data

EVENT_TIME = "2026-11-22T11:59:00.000Z"
ROWS = 160


class Dropped(NamedTuple):
    """A drop whose report waits in quarantine: the version, its estimator, and whether it must be refused."""

    version: str
    estimator: Any
    report_key: str
    sha256: str
    refused: bool

    @property
    def event(self) -> dict[str, Any]:
        """What S3 tells `deploy` about the report."""
        told = {"bucket": {"name": Stack.model_bucket}, "object": {"key": self.report_key}}
        return {"Records": [{"eventSource": "aws:s3", "eventTime": EVENT_TIME, "s3": told}]}


def labelled() -> tuple[Floats, Any]:
    """Rows whose fraud a small forest finds."""
    X, _ = data(seed=5, rows=500)
    return X, (X[:, 2] > 1.0).astype(np.int8)


def drop_all(stack: Stack) -> list[Dropped]:
    """Put the evaluation set, the drops and their reports into the bucket."""
    X, y = labelled()
    file = io.BytesIO()
    np.savez(file, X=X[:ROWS], y=y[:ROWS], columns=np.array(DEFAULT_FEATURES))
    stack.s3.put_object(Bucket=stack.model_bucket, Key="evaluation/current.npz", Body=file.getvalue())
    return list(_dropped(stack))


def _dropped(stack: Stack) -> Iterator[Dropped]:
    X, y = labelled()
    good = [RandomForestClassifier(trees, max_depth=4, random_state=trees).fit(X, y) for trees in (4, 5, 6)]
    weak = RandomForestClassifier(3, max_depth=1, random_state=9).fit(X, np.roll(y, 7))
    for number, model in enumerate(good, start=1):
        yield _put(stack, f"v1.{number}.0", model)
    yield _put(stack, "v1.4.0", weak)
    yield _put(stack, "v1.1.0", good[2])  # other bytes under a version's name: whichever comes second is refused
    yield _put(stack, "v1.5.0", good[0], refused=Refusal("unsafe_artefact", "it would run code"))
    yield _put(stack, "v1.6.0", good[1], golden=0.5)


def _put(
    stack: Stack, version: str, model: Any, *, refused: Refusal | None = None, golden: float | None = None
) -> Dropped:
    """`golden`: what the artefact's own answers are said to be, which its packed form does not give."""
    body, report = _packed(model)
    key = f"drops/{version}/model.joblib"
    put = stack.s3.put_object(Bucket=stack.model_bucket, Key=key, Body=body)
    drop = msgspec.structs.replace(
        report.drop, bucket=stack.model_bucket, key=key, version_id=put["VersionId"], size=len(body)
    )
    report = msgspec.structs.replace(report, version=version, drop=drop, received_at=EVENT_TIME, packed_at=EVENT_TIME)
    if refused:
        report = QuarantineReport(
            version=version, drop=drop, received_at=EVENT_TIME, packed_at=EVENT_TIME, refused=refused
        )
    if golden is not None:
        report = msgspec.structs.replace(report, golden_answers=(golden,) * len(report.golden_answers))
    where = f"quarantine/{version}/{drop.sha256}.fpq"
    stack.s3.put_object(Bucket=stack.model_bucket, Key=where, Body=quarantine.encode(report))
    return Dropped(version, model, where, drop.sha256, bool(refused or golden is not None))


def _packed(model: Any) -> tuple[bytes, QuarantineReport]:
    with tempfile.TemporaryDirectory() as folder:
        artefact = Path(folder, "model.joblib")
        joblib.dump(model, artefact)
        return artefact.read_bytes(), examine(artefact, b"{}")
