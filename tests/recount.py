"""The counters' figures counted again from the log: I5's other side."""

from collections import Counter
from typing import Any

from fraud.watch.cells import Cell


def recount(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of the lines of the log, by other means than the counters'."""
    answered = [line for line in lines if line["status_code"] == 200]
    return {
        "statuses": dict(Counter(line["status_code"] for line in lines)),
        "errors": dict(Counter(line["error_code"] for line in lines if "error_code" in line)),
        "frauds": sum(line["is_fraud"] for line in answered),
        "high_risk": sum(line["risk_score"] > 70 for line in answered),
        "amount_cents": str(sum(round(line["amount"] * 100) for line in answered)),
        "latency_us": sum(round(line["processing_time_ms"] * 1000) for line in answered),
        "flagged_score": sum(round(line["fraud_probability"] * 1e9) for line in answered if line["is_fraud"]),
    }


def figures(cell: Cell) -> dict[str, Any]:
    """The same figures of a cell of the counters."""
    names = ("statuses", "errors", "frauds", "high_risk", "amount_cents", "latency_us", "flagged_score")
    return {name: getattr(cell, name) for name in names}
