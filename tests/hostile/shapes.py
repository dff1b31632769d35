"""Files of other kinds, and models that are honest but not fraud classifiers over the expected columns."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import IsolationForest, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from tests.hostile.case import Hostile, dumped
from tests.hostile.honest import WIDTH, forest, training


def shapes() -> Iterator[Hostile]:
    """All of them."""
    for label, content in _files().items():
        yield Hostile(label, content, "not a joblib pickle")
    for label, content in _compressed().items():
        yield Hostile(f"a forest in {label}", content, f"compressed ({label})")
    bomb = zlib.compress(bytes(50 << 20), 9)
    yield Hostile("50 MB of zeros in zlib", bomb, "compressed (zlib)")
    for label, (thing, words) in _leading().items():
        yield Hostile(label, dumped(thing), words)
    for label, (thing, words) in {**_others(), **_unfit()}.items():
        yield Hostile(label, dumped(thing), words, further=True)
    yield Hostile("100 MiB and one byte", b"\x80\x04", "104857601 bytes", size=(100 << 20) + 1)


def _files() -> dict[str, bytes]:
    sparse = io.BytesIO()
    np.savez(sparse, X=np.zeros(3))
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("../../../etc/passwd", "root")
    return {
        "an empty file": b"",
        "one byte": b"\x80",
        "zeros": bytes(4096),
        "text": b"hello, I am a model\n" * 40,
        "JSON": json.dumps({"model": "forest"}).encode(),
        "a script": b"#!/bin/sh\ntouch hacked\n",
        "a program": b"\x7fELF\x02\x01\x01" + bytes(600),
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(99),
        "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(99),
        "arrays of numpy": sparse.getvalue(),
        "an archive that climbs": zipped.getvalue(),
        "an ONNX graph": b"\x08\x07\x12\x0dskl2onnx",
        "source of Python": b"import os\nos.system('touch hacked')\n",
    }


def _compressed() -> dict[str, bytes]:
    honest = dumped(forest())
    found = {"gzip": gzip.compress(honest), "bz2": bz2.compress(honest), "xz": lzma.compress(honest)}
    for method in ("zlib", "lzma"):
        buffer = io.BytesIO()
        joblib.dump(forest(), buffer, compress=(method, 3))
        found[method] = buffer.getvalue()
    return {**found, "lz4": b"\x04\x22\x4d\x18" + honest}


def _leading() -> dict[str, tuple[Any, str]]:
    X, y = training()
    return {
        "a dictionary": ({"a": 1}, "'models'"),
        "a linear regression": (LinearRegression().fit(X, y), "LinearRegression"),
        "a support vector machine": (SVC().fit(X, y), "SVC"),
        "a forest that was never fitted": (RandomForestClassifier(3), "not fitted"),
        "a forest of one class": (_fitted(X, np.zeros(len(X))), "binary|classes"),
        "a forest of three classes": (_fitted(X, np.arange(len(X)) % 3), "not binary"),
        "a forest of yes and no": (_fitted(X, np.where(y == 1, "yes", "no")), "classes"),
        "a forest of 5 columns": (_fitted(X[:, :5], y), "reads 5"),
    }


def _others() -> dict[str, tuple[Any, str]]:
    X, y = training()
    shout: Any = FunctionTransformer(np.log1p)
    return {
        "a list of forests": ([forest()], "list cannot be packed"),
        "a number": (5, "int cannot be packed"),
        "a text": ("RandomForestClassifier", "str cannot be packed"),
        "an array": (np.zeros(9), "ndarray cannot be packed"),
        "nothing": (None, "NoneType cannot be packed"),
        "a forest for regression": (RandomForestRegressor(2).fit(X, y), "RandomForestRegressor"),
        "neighbours": (KNeighborsClassifier().fit(X, y), "KNeighborsClassifier"),
        "naive Bayes": (GaussianNB().fit(X, y), "GaussianNB"),
        "clusters": (KMeans(2, n_init=1, max_iter=2).fit(X), "KMeans"),
        "a scaler": (StandardScaler().fit(X), "StandardScaler cannot be packed"),
        "a function in a pipeline": (make_pipeline(shout, LogisticRegression()), ""),
        "a target transformed": (TransformedTargetRegressor(LinearRegression()), "TransformedTargetRegressor"),
        "a class instead of a model": (RandomForestClassifier, "cannot be packed"),
        "outliers over nine columns": (IsolationForest(n_estimators=3, random_state=0).fit(X[:, :9]), ""),
    }


def _unfit() -> dict[str, tuple[Any, str]]:
    X, y = training()
    return {
        "a pipeline that was never fitted": (make_pipeline(StandardScaler(), LogisticRegression()), "not fitted"),
        "a forest of -1 and 1": (_fitted(X, np.where(y == 1, 1, -1)), "classes"),
        "a forest of 1 and 2": (_fitted(X, y + 1), "classes"),
        "a forest of two answers": (_fitted(X, np.column_stack([y, 1 - y])), ""),
        "a forest of 29 columns": (_fitted(X[:, :29], y), "reads 29"),
        "a forest of 31 columns": (_fitted(np.hstack([X, X[:, :1]]), y), "reads 31"),
        "a forest that knows nothing": (_fitted(np.zeros((50, WIDTH)), np.arange(50) % 2), "learnt nothing"),
        "a pickle in a pickle": (pickle.dumps(forest()), "bytes cannot be packed"),
    }


def _fitted(X: Any, y: Any) -> Any:
    return RandomForestClassifier(3, max_depth=3, random_state=0).fit(X, y)
