"""The counters as Prometheus reads them: text exposition format 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/ ; names and units follow
https://prometheus.io/docs/practices/naming/.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fraud.watch import histogram
from fraud.watch.cells import BILLION, Cell, Slice

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKET_STEP = 17  # boundaries about twice as far each, and exact: they are boundaries of our own buckets
LAST_BUCKET = BUCKET_STEP * 25
Labels = Mapping[str, str]
Sample = tuple[str, Labels, float]


class Family(msgspec.Struct, frozen=True):
    """One metric: `kind` is counter, gauge or histogram; samples by name suffix, labels and value."""

    name: str
    kind: str
    words: str
    samples: list[Sample]


def exposition(families: Iterable[Family]) -> str:
    """The whole text."""
    return "".join(line + "\n" for family in families for line in _lines(family))


def of_totals(totals: Slice) -> list[Family]:
    """The counters of every version and endpoint."""
    cells = [(_labels(key), cell) for key, cell in sorted(totals.items())]
    return [
        Family(
            "fraud_requests_total",
            "counter",
            "Recorded requests by status; a row of a batch is one.",
            [("", {**on, "status": str(s)}, n) for on, cell in cells for s, n in sorted(cell.statuses.items())],
        ),
        Family(
            "fraud_errors_total",
            "counter",
            "Refused or failed requests by error code.",
            [("", {**on, "code": code}, n) for on, cell in cells for code, n in sorted(cell.errors.items())],
        ),
        _counter("fraud_flagged_total", "Transactions at or above the threshold.", cells, lambda cell: cell.frauds),
        _counter("fraud_high_risk_total", "Transactions of high risk.", cells, lambda cell: cell.high_risk),
        _counter("fraud_amount_total", "Sum of amounts.", cells, lambda cell: int(cell.amount_cents) / 100),
        _counter("fraud_score_total", "Sum of probabilities.", cells, _score),
        Family(
            "fraud_custom_total",
            "counter",
            "Answered transactions that fulfil the conditions of an operator's own metric.",
            [("", {**on, "metric": name}, n) for on, cell in cells for name, n in sorted(cell.custom.items())],
        ),
        Family(
            "fraud_processing_seconds",
            "histogram",
            "Time to score one transaction.",
            [sample for on, cell in cells if cell.succeeded for sample in _histogram(on, cell)],
        ),
    ]


def of_summaries(summaries: Mapping[str, Mapping[str, Any]]) -> list[Family]:
    """Gauges of what the tick last found: health, drift, quality."""
    health, drift, quality = (summaries.get(name) for name in ("HEALTH", "DRIFT", "QUALITY"))
    levels = {"healthy": 0.0, "degraded": 1.0, "unhealthy": 2.0}
    distances = [*drift["features"], drift["score"]["psi"]] if drift else []
    version = {"version": drift["version"]} if drift else {}
    known = quality["by_version"].items() if quality else ()
    return [
        gauge(
            "fraud_health", "0 healthy, 1 degraded, 2 unhealthy.", [({}, levels[health["status"]])] if health else []
        ),
        gauge(
            "fraud_drift_psi",
            "Population stability index by feature, the score among them.",
            [({**version, "feature": one["name"]}, one["psi"]) for one in distances if one["psi"] is not None],
        ),
        gauge(
            "fraud_drift_critical_psi",
            "What chance alone exceeds once in a hundred.",
            [
                ({**version, "feature": one["name"]}, one["critical_value"])
                for one in distances
                if one["psi"] is not None
            ],
        ),
        gauge(
            "fraud_realised_f1",
            "F1 by labels, on cohorts known well enough.",
            [({"version": name}, one["realised"]["f1"]) for name, one in known if one["realised"]],
        ),
        gauge(
            "fraud_estimated_f1",
            "F1 as the scores alone let expect.",
            [
                ({"version": name}, one["estimated"]["f1"])
                for name, one in known
                if one["estimated"] and one["estimated"]["f1"] is not None
            ],
        ),
    ]


def gauge(name: str, words: str, values: Iterable[tuple[Labels, float]]) -> Family:
    """A value that may fall as well as rise."""
    return Family(name, "gauge", words, [("", labels, value) for labels, value in values])


def _counter(name: str, words: str, cells: list[tuple[Labels, Cell]], value: Callable[[Cell], float]) -> Family:
    return Family(name, "counter", words, [("", labels, value(cell)) for labels, cell in cells])


def _score(cell: Cell) -> float:
    return (cell.flagged_score + cell.passed_score) / BILLION


def _histogram(labels: Labels, cell: Cell) -> Iterator[Sample]:
    for last in range(0, LAST_BUCKET + 1, BUCKET_STEP):
        held = sum(count for index, count in cell.latency.items() if index <= last)
        yield "_bucket", {**labels, "le": f"{histogram.upper(last) / 1e6:.9g}"}, held
    yield "_bucket", {**labels, "le": "+Inf"}, cell.succeeded
    yield "_sum", labels, cell.latency_us / 1e6
    yield "_count", labels, cell.succeeded


def _labels(key: str) -> Labels:
    version, endpoint = key.split(" ", 1)
    return {"version": version, "endpoint": endpoint}


def _lines(family: Family) -> Iterator[str]:
    if not family.samples:
        return
    yield f"# HELP {family.name} {family.words}"
    yield f"# TYPE {family.name} {family.kind}"
    for suffix, labels, value in family.samples:
        told = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield f"{family.name}{suffix}{{{told}}} {value!r}" if told else f"{family.name}{suffix} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
