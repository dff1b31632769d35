"""A thousand rows in one call: the engines alone, then the whole request against the tutorial's loop."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks import plots, stopwatch
from benchmarks.lean import engines, logging_to
from benchmarks.reduced import without_reasons, without_records
from benchmarks.report import Bar, Section, Table
from benchmarks.rivals.onnx import OnnxModel, converted
from benchmarks.scene import scene
from benchmarks.subject import BOOSTED, FOLDER, FOREST, Subject, body, event, subject
from functions.predict import app

ROWS = 100 if stopwatch.QUICK else 1000
LOOP, OURS, EXPLAINED = "tutorial's loop", "ours", "ours, explained"
RECORDED = "ours, explained and recorded"
WORDS = """1,000 transactions in one call. First the engines alone, CPU of the process, rows in whatever form each takes
at once; then requests. The tutorial's loop of single rows parses, validates, scores and serialises. `ours` is the whole
handler of `POST /predict/batch` (admission, parts of the log record and threads for it included) without reasons, and
nothing is written; explained, every decision has its exact reasons; recorded, it is as deployed, one conditional write
for each by the clock, the stub sharing the cores. Bulk files are the same engine call, 1,000 rows at a time."""


def measure() -> Section:
    """Engines on both models, then the handlers."""
    found = {name: _engines(subject(name)) for name in (FOREST, BOOSTED)}
    handlers = _handlers(subject(FOREST))
    per_second = {one: ROWS / spent * 1e6 for one, spent in found[FOREST].items()}
    plot = plots.bars("batch", "Rows a second, RandomForest of 100 trees", per_second, "rows/s")
    tables = [_engine_table(model, spent) for model, spent in found.items()]
    rows = [(name, spent / 1000, ROWS / spent * 1e6, handlers[LOOP] / spent) for name, spent in handlers.items()]
    handled = Table(("request of 1,000 rows", "ms", "rows/s", "tutorial's loop / this"), rows)
    return Section("Batch", WORDS, [*tables, handled], _bars(found, handlers), [plot])


def _engines(model: Subject) -> dict[str, float]:
    X = model.X[:ROWS]
    rows, narrow = X.tolist(), X.astype(np.float32)
    calls: dict[str, Callable[[], object]] = {"scikit-learn, vectorised": lambda: model.estimator.predict_proba(X)}
    other = OnnxModel(converted(model.estimator, X.shape[1]))
    calls["onnxruntime"] = lambda: other.many(narrow)
    for name, engine in engines(model).items():
        calls[name] = partial(engine.score_many, rows)
    return stopwatch.cpu_us(calls)


def _handlers(forest: Subject) -> dict[str, float]:
    asked = json.dumps({"transactions": [body(forest, number) for number in range(ROWS)]})
    told = {**event({}), "path": "/api/v1/predict/batch", "body": asked, "queryStringParameters": {"explain": "false"}}
    again = {**told, "headers": {**told["headers"], "X-Rescore": "true"}}
    with scene(forest), logging_to(FOLDER / "batch.log"):
        from benchmarks.rivals import tutorial  # noqa: PLC0415 -- its clients are made at import, for the stub

        assert app.handler(told, None)["statusCode"] == 200
        recorded = stopwatch.wall_us({RECORDED: lambda: app.handler(again, None)})
        with without_records():
            calls: dict[str, Callable[[], object]] = {
                LOOP: lambda: tutorial.answer_many(asked),
                OURS: lambda: _unexplained(told),
                EXPLAINED: lambda: app.handler(told, None),
            }
            return {**stopwatch.cpu_us(calls), **recorded}


def _unexplained(told: dict[str, Any]) -> object:
    with without_reasons():
        return app.handler(told, None)


def _engine_table(model: str, spent: dict[str, float]) -> Table:
    slow = spent["scikit-learn, vectorised"]
    return Table((model, "ms", "rows/s", "scikit-learn / this"), [
        (name, us / 1000, ROWS / us * 1e6, slow / us) for name, us in spent.items()
    ])  # fmt: skip


def _bars(found: dict[str, dict[str, float]], handlers: dict[str, float]) -> list[Bar]:
    engine = [
        Bar(f"1,000 rows, vectorised scikit-learn / kernel, {model}",
            spent["scikit-learn, vectorised"] / spent.get("kernel", float("inf")), 2.5)
        for model, spent in found.items()
    ]  # fmt: skip
    loop = handlers[LOOP]
    return [
        *engine,
        Bar("1,000-row request, tutorial's loop / ours", loop / handlers[OURS], 120),
        Bar("the same with exact reasons, tutorial's loop without / ours with", loop / handlers[EXPLAINED], 10),
    ]
