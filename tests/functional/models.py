"""Small real models, fitted once, and a way to make one live without the supply chain."""

import hashlib
from functools import cache
from typing import Any

import boto3
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from fraud.packing import pack
from fraud.scoring.risk import Thresholds
from fraud.scoring.schema import DEFAULT_FEATURES, Feature, Schema
from fraud.versions import keys, lifecycle
from fraud.versions.registry import Registry
from fraud.versions.version import ModelVersion, Provenance

Floats = NDArray[np.float64]


@cache
def data(seed: int = 0, rows: int = 2000) -> tuple[Floats, NDArray[np.int8]]:
    """Rows in the contract's column order: amount, time, V1..V28; fraud shows in V1 and V2."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, len(DEFAULT_FEATURES)))
    X[:, 0], X[:, 1] = random.lognormal(3, 1, rows), random.uniform(0, 172_800, rows)
    risky = X[:, 2] + X[:, 3] + 0.3 * random.normal(size=rows)
    return X, (risky > 2.2).astype(np.int8)


@cache
def forest(seed: int = 0) -> RandomForestClassifier:
    """A small forest on that data."""
    X, y = data()
    return RandomForestClassifier(n_estimators=15, max_depth=6, random_state=seed).fit(X, y)


def transaction(row: Floats, transaction_id: str, **more: Any) -> dict[str, Any]:
    """The transaction whose row in the contract's order is `row`."""
    features = {name: float(value) for name, value in zip(DEFAULT_FEATURES[2:], row[2:], strict=True)}
    return {
        "transaction_id": transaction_id,
        "amount": float(row[0]),
        "time": float(row[1]),
        "features": features,
        **more,
    }


def go_live(version: str, model: Any, bucket: str, **changes: Any) -> ModelVersion:
    """Register and activate a model directly, as an honest deployment would have."""
    made = registered(version, model, bucket, **changes)
    lifecycle.activate_version(Registry(boto3.client("dynamodb"), "Registry"), version, by="test", why="test")
    return made


def registered(version: str, model: Any, bucket: str, **changes: Any) -> ModelVersion:
    """Register a model directly; it serves nobody yet."""
    X, _ = data()
    packed = changes.get("packed") or pack(model, feature_names=list(DEFAULT_FEATURES))
    digest = hashlib.sha256(packed.model).hexdigest()
    medians = np.median(X, axis=0)
    names = changes.get("names", DEFAULT_FEATURES)
    made = ModelVersion(
        version=version,
        created_at=changes.get("created_at", "2026-01-01T00:00:00.000Z"),
        sha256="a" * 64,
        packed_sha256=digest,
        packed_key=keys.packed_key(version, digest),
        packed_bytes=len(packed.model),
        family=packed.family,
        thresholds=changes.get("thresholds", Thresholds()),
        schema=changes.get("schema")
        or Schema(tuple(Feature(name, float(median)) for name, median in zip(names, medians, strict=True))),
        metrics=changes.get("metrics"),
        provenance=Provenance(drop_key=f"drops/{version}/model.joblib"),
    )
    boto3.client("s3").put_object(Bucket=bucket, Key=made.packed_key, Body=packed.model)
    return Registry(boto3.client("dynamodb"), "Registry").register(made, actor="test")
