"""One row through scikit-learn and through the packed model, side by side in one run: ratios of medians."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
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

ROUNDS, INNER_FAST, INNER_SLOW = 15, 200, 5


class Row(msgspec.Struct, frozen=True):
    """One model: microseconds of CPU a row, and the largest difference between the two engines' answers."""

    model: str
    scikit_learn_us: float
    packed_us: float
    explained_us: float
    largest_difference: float


def rows() -> Iterator[Row]:
    """Measure each model; both engines take turns within a round, so a busy machine slows both."""
    made = generate(rows=6000, seed=3)
    X, y, names = made.X.astype(np.float64), made.y, [str(name) for name in made.columns]
    models = {
        "RandomForest, 100 trees": RandomForestClassifier(100, random_state=0),
        "HistGradientBoosting, 200 iterations": HistGradientBoostingClassifier(
            max_iter=200, min_samples_leaf=30, early_stopping=False, random_state=0
        ),
        "StandardScaler + LogisticRegression": make_pipeline(StandardScaler(), LogisticRegression()),
    }
    for name, model in models.items():
        yield _measure(name, model.fit(X, y), X[:500], names)


def _measure(name: str, model: Any, X: Any, names: list[str]) -> Row:
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)
    listed, one = X.tolist(), X[:1]
    answers = [packed.score(row) for row in listed]
    engines: dict[str, tuple[Callable[[], object], int]] = {
        "scikit-learn": (lambda: model.predict_proba(one), INNER_SLOW),
        "packed": (lambda: packed.score(listed[0]), INNER_FAST),
        "explained": (lambda: packed.explain(listed[0]), INNER_FAST // 4),
    }
    spent: dict[str, list[float]] = {engine: [] for engine in engines}
    gc.disable()
    for _ in range(ROUNDS):
        for engine, (call, inner) in engines.items():
            spent[engine].append(_cpu_us(call, inner))
    gc.enable()
    median = {engine: statistics.median(times) for engine, times in spent.items()}
    difference = float(np.abs(np.array(answers) - model.predict_proba(X)[:, 1]).max())
    return Row(name, median["scikit-learn"], median["packed"], median["explained"], difference)


def _cpu_us(call: Callable[[], object], inner: int) -> float:
    started = time.process_time()
    for _ in range(inner):
        call()
    return (time.process_time() - started) / inner * 1e6
