"""A warm handler, one transaction: what a request costs, where it goes, and what others would pay."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import shap

from benchmarks import plots, stopwatch
from benchmarks.lean import Engine, engines, fresh_events, handler_with, logging_to
from benchmarks.pieces import pieces
from benchmarks.report import Bar, Section, Table
from benchmarks.rivals.onnx import OnnxModel, converted
from benchmarks.scene import scene
from benchmarks.subject import FOLDER, FOREST, Subject, body, record, subject
from fraud.scoring import transaction
from fraud.scoring.schema import RowReader

Calls = dict[str, Callable[[], object]]
TUTORIAL = "tutorial (scikit-learn, pydantic)"
WORDS = """RandomForest of 100 trees, one transaction of 30 features, microseconds of CPU of the process. The first
table parses, validates, scores and serialises, nothing else; the second is the whole handler: event in, response out,
the decision recorded in a loopback stub in another process (whose time does not count). onnxruntime has no reasons to
give; the walker's are Shapley values against one row, the kernel's path-dependent ones, as the tutorial's shap."""


def measure() -> Section:
    """Both tables, the split of a request, and the promises."""
    forest = subject(FOREST)
    others = OnnxModel(converted(forest.estimator, len(forest.columns)))
    with scene(forest), logging_to(FOLDER / "warm.log"):
        from benchmarks.rivals import tutorial  # noqa: PLC0415 -- its clients are made at import, for the stub

        ours = engines(forest)
        core = stopwatch.cpu_us({**_scorers({**ours, "onnxruntime": others}, forest), **_tutorials(tutorial, forest)})
        whole = stopwatch.cpu_us(
            {
                **{name: handler_with(engine, forest) for name, engine in {**ours, "onnxruntime": others}.items()},
                TUTORIAL: _tutorial_handler(tutorial, forest),
            }
        )
        split = pieces(next(iter(ours.values())), forest)
    plot = plots.bars("warm_split", "Where a warm request's CPU goes", split, "µs")
    tables = [_compared(core, "µs, scoring only"), _compared(whole, "µs, whole handler"), _split(split)]
    return Section("Warm request", WORDS, tables, _bars(core), [plot])


def _scorers(engines: dict[str, Engine], forest: Subject) -> Calls:
    """Bytes in, bytes out, around each engine; and with reasons where it has them."""
    calls: Calls = {}
    for name, engine in engines.items():
        calls[name] = _scorer(engine, forest)
        if name != "onnxruntime":
            calls[f"{name}, with reasons"] = _scorer(engine, forest, engine.explain)
    return calls


def _scorer(engine: Engine, forest: Subject, explain: Callable[..., object] | None = None) -> Callable[[], object]:
    told, schema = json.dumps(body(forest, 0)).encode(), record(forest).schema
    reader, medians, encoder = RowReader(schema), schema.medians, msgspec.json.Encoder()

    def call() -> bytes:
        asked = transaction.decode(told)
        row, imputed = reader.row(asked)
        probability = engine.score(row)
        answer = {
            "transaction_id": asked.transaction_id,
            "is_fraud": probability >= 0.5,
            "fraud_probability": probability,
            "imputed_features": imputed,
            "reasons": explain(row, medians) if explain else None,
        }
        return encoder.encode(answer)

    return call


def _tutorials(tutorial: Any, forest: Subject) -> Calls:
    told, explainer = json.dumps(body(forest, 0)), shap.TreeExplainer(forest.estimator)

    def with_shap() -> object:
        return tutorial.answer(told), json.dumps(explainer.shap_values(forest.X[:1]).tolist())

    return {TUTORIAL: lambda: tutorial.answer(told), f"{TUTORIAL}, with shap": with_shap}


def _tutorial_handler(tutorial: Any, forest: Subject) -> Callable[[], object]:
    events = fresh_events(forest)
    return lambda: tutorial.handler(next(events), None)


def _compared(spent: dict[str, float], column: str) -> Table:
    slowest = spent[TUTORIAL]
    return Table(("handler", column, "tutorial / this"), [(name, us, slowest / us) for name, us in spent.items()])


def _split(split: dict[str, float]) -> Table:
    whole = sum(split.values())
    return Table(("piece", "µs", "share"), [(name, us, f"{us / whole:.0%}") for name, us in split.items()])


def _bars(core: dict[str, float]) -> list[Bar]:
    rival, best = core[TUTORIAL], "kernel" if "kernel" in core else "walker"
    return [
        Bar("1-row handler CPU, tutorial / ours, kernel", rival / core[best] if best == "kernel" else 0.0, 100),
        Bar("1-row handler CPU, tutorial / ours, walker", rival / core["walker"], 30),
        Bar("the same with exact reasons, tutorial without / ours with", rival / core[f"{best}, with reasons"], 10),
    ]
