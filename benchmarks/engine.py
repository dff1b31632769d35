"""The packed model's engines against scikit-learn: one row and a thousand, side by side in one run."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fraud.packing import pack
from fraud.scoring.packed.model import PackedModel
from training.generator import generate

ROUNDS, MANY = 9, 1000
CALLS = {"scikit-learn": 3, "kernel": 200, "walker": 30, "scikit-learn, 1000": 2, "kernel, 1000": 4, "walker, 1000": 1}


class Subject(msgspec.Struct, frozen=True):
    """A fitted model, what it is packed to by engine, and the rows it is asked."""

    name: str
    fitted: Any
    kernel: PackedModel
    walker: PackedModel
    X: Any


class Row(msgspec.Struct, frozen=True):
    """One model: median microseconds of CPU by engine and number of rows, and the largest difference of an answer."""

    model: str
    spent_us: dict[str, float]
    largest_difference: float


def subjects() -> Iterator[Subject]:
    """The models measured, fitted on the reference trainer's transactions."""
    made = generate(rows=12_000, seed=3)
    X, y, names = made.X.astype(np.float64), made.y, [str(name) for name in made.columns]
    models: dict[str, Any] = {
        "RandomForest, 100 trees": RandomForestClassifier(100, random_state=0),
        "RandomForest, 200 trees of depth 6": RandomForestClassifier(200, max_depth=6, random_state=0),
        "HistGradientBoosting, 200 iterations": HistGradientBoostingClassifier(
            max_iter=200, min_samples_leaf=30, early_stopping=False, random_state=0
        ),
        "StandardScaler + LogisticRegression": make_pipeline(StandardScaler(), LogisticRegression()),
    }
    for name, model in models.items():
        data = pack(model.fit(X[:6000], y[:6000]), feature_names=names).model
        yield Subject(name, model, PackedModel.from_bytes(data), PackedModel.from_bytes(data, "walker"), X[:10_000])


def speed(subject: Subject) -> Row:
    """Each engine's time for one row and for a thousand."""
    one, many = subject.X[:1], subject.X[:MANY]
    row, rows = one[0].tolist(), many.tolist()
    calls: dict[str, Callable[[], object]] = {
        "scikit-learn": lambda: subject.fitted.predict_proba(one),
        "kernel": lambda: subject.kernel.score(row),
        "walker": lambda: subject.walker.score(row),
        "scikit-learn, 1000": lambda: subject.fitted.predict_proba(many),
        "kernel, 1000": lambda: subject.kernel.score_many(rows),
        "walker, 1000": lambda: subject.walker.score_many(rows),
    }
    theirs = subject.fitted.predict_proba(subject.X)[:, 1]
    difference = float(np.abs(np.array(subject.kernel.score_many(subject.X.tolist())) - theirs).max())
    return Row(subject.name, side_by_side(calls, CALLS), difference)


def side_by_side(calls: Mapping[str, Callable[[], object]], times: Mapping[str, int]) -> dict[str, float]:
    """The median microseconds of CPU of each call; they take turns, so that a busy machine slows all alike."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    gc.disable()
    for _ in range(ROUNDS):
        for name, call in calls.items():
            started = time.process_time()
            for _ in range(times[name]):
                call()
            spent[name].append((time.process_time() - started) / times[name] * 1e6)
    gc.enable()
    return {name: statistics.median(values) for name, values in spent.items()}
