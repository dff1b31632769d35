"""What everybody is measured on: the same models, the same rows, the same request."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn import __version__ as sklearn_version
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from fraud.access.client import SCORING_SCOPES, client_pk, digest
from fraud.aws.lean.attributes import to_attributes
from fraud.packing import pack
from fraud.scoring.schema import Feature, Schema
from fraud.traffic.routing import Routing
from fraud.versions import keys
from fraud.versions.version import ModelVersion, Provenance
from training.data import Transactions
from training.generator import generate

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".local" / "bench"
VERSION, API_KEY = "v1.0.0", "client-key"
ROWS, FRAUD_RATE, WRONG_LABELS = 8000, 0.02, 0.005
FOREST, BOOSTED = "RandomForest, 100 trees", "HistGradientBoosting, 200 iterations"
Item = dict[str, Any]
Floats = NDArray[np.float64]


class Subject(NamedTuple):
    """A fitted model, its packed bytes, and the rows it may be asked about."""

    name: str
    estimator: Any
    packed: bytes
    X: Floats
    columns: tuple[str, ...]


@cache
def transactions() -> Transactions:
    """Generated rows with a few wrong labels, without which trees would be smaller than real ones."""
    made = generate(rows=ROWS, fraud_rate=FRAUD_RATE, seed=3)
    y = made.y ^ (np.random.default_rng(0).random(len(made)) < WRONG_LABELS)
    return Transactions(made.X.astype(np.float64), y.astype(np.int8), made.columns)


@cache
def subject(name: str) -> Subject:
    """The named model; fitted once and kept in `.local/bench`."""
    rows, estimator = transactions(), _fitted(name)
    packed = pack(estimator, feature_names=list(rows.columns)).model
    return Subject(name, estimator, packed, rows.X, rows.columns)


def _fitted(name: str) -> Any:
    kinds = {
        FOREST: RandomForestClassifier(100, random_state=0),
        BOOSTED: HistGradientBoostingClassifier(
            max_iter=200, min_samples_leaf=30, early_stopping=False, random_state=0
        ),
    }
    made_of = hashlib.sha256(repr((kinds[name].get_params(), ROWS, sklearn_version)).encode()).hexdigest()[:12]
    kept = FOLDER / "fitted" / f"{made_of}.joblib"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        joblib.dump(kinds[name].fit(transactions().X, transactions().y), kept)
    return joblib.load(kept)


def body(subject: Subject, number: int, transaction_id: str | None = None) -> dict[str, Any]:
    """The request about one row."""
    row = dict(zip(subject.columns, subject.X[number].tolist(), strict=True))
    time, amount = row.pop("Time"), row.pop("Amount")
    return {"transaction_id": transaction_id or f"t-{number}", "amount": amount, "time": time, "features": row}


def event(document: object, function: str = "predict", case: str = "transaction") -> dict[str, Any]:
    """The event in which API Gateway hands a request body to a function."""
    told: dict[str, Any] = json.loads((ROOT / "events" / f"{function}_{case}.json").read_text())
    return {**told, "body": json.dumps(document)}


def record(subject: Subject) -> ModelVersion:
    """The registered version of the model."""
    sha256 = hashlib.sha256(subject.packed).hexdigest()
    medians = np.median(subject.X, axis=0).tolist()
    return ModelVersion(
        version=VERSION,
        created_at="2026-01-01T00:00:00.000Z",
        sha256="0" * 64,
        packed_sha256=sha256,
        packed_key=keys.packed_key(VERSION, sha256),
        packed_bytes=len(subject.packed),
        family=subject.name,
        schema=Schema(tuple(map(Feature, subject.columns, medians))),
        provenance=Provenance(drop_key=f"drops/{VERSION}/model.joblib"),
    )


def registry_items(subject: Subject) -> list[Item]:
    """What the registry table holds when the model is live and the events' key is known."""
    told = record(subject)
    routing = Routing(
        revision=1, active=VERSION, previous=None, kind="activate", by="benchmark", why="", at=told.created_at,
        position=1, parent=None, change_id="1",
    )  # fmt: skip
    version = {"pk": keys.version_pk(VERSION), "sk": keys.META, "status": "READY", "version": VERSION}
    client = {"pk": client_pk(digest(API_KEY)), "sk": keys.META, "name": "benchmark", "scopes": list(SCORING_SCOPES)}
    return [
        to_attributes(client),
        to_attributes({"pk": keys.ROUTING, "sk": keys.CURRENT, **msgspec.to_builtins(routing)}),
        to_attributes({**version, "record": msgspec.json.encode(told).decode()}),
    ]
