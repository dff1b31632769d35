"""What CloudWatch is told of decisions, for its dashboard: from the records, so that no request has to pay for it."""

from collections import defaultdict
from collections.abc import Iterable

from fraud.observability import VALUES_AT_ONCE, metrics
from fraud.requests.record import OK, Item


def publish(items: Iterable[Item]) -> None:
    """Predictions, frauds and latencies (ms, before the record is written) of request records, by version."""
    decided: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item["s"] == OK:
            decided[item["v"]].append(item)
    for version, mine in decided.items():
        for start in range(0, len(mine), VALUES_AT_ONCE):
            some = mine[start : start + VALUES_AT_ONCE]
            metrics(
                {
                    "Predictions": (len(some), "count"),
                    "Frauds": (sum(item["f"] for item in some), "count"),
                    "Latency": ([float(item["ms"]) for item in some], "ms"),
                },
                version=version,
            )
