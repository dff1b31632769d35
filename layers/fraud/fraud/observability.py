"""One JSON line an outcome, and metrics in CloudWatch's embedded metric format.

Powertools' Logger and Metrics write the same, but importing them loads botocore and costs `predict` 200 ms
of cold start; this module is what that function can afford, so every function uses it.
"""

import sys
import time
from collections.abc import Iterable, Mapping

import msgspec

METRICS_NAMESPACE = "FraudDetection"
Values = Mapping[str, tuple[float, str]]  # name: (value, "ms" | "count" | "bytes")
_encoder = msgspec.json.Encoder()
_UNITS = {"ms": "Milliseconds", "count": "Count", "bytes": "Bytes"}


def log(event: str, *, level: str = "INFO", **fields: object) -> None:
    """Write one line. Fields are ids, versions, verdicts and latencies: never a transaction's content."""
    _write(_line(event, level, fields))


def metrics(values: Values, **dimensions: str) -> None:
    """Publish metrics under the given dimensions."""
    _write({**dimensions, **_embedded(values, dimensions)})


def log_with_metrics(event: str, values: Values, dimension: str, **fields: object) -> None:
    """`log` and `metrics` in one line, which is cheaper than two; the dimension is one of the fields."""
    _write({**_line(event, "INFO", fields), **_embedded(values, [dimension])})


def _line(event: str, level: str, fields: Mapping[str, object]) -> dict[str, object]:
    return {"level": level, "event": event, "timestamp": time.time(), **fields}


def _embedded(values: Values, dimensions: Iterable[str]) -> dict[str, object]:
    """The part of a line that CloudWatch takes for metrics.

    Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    declared = [{"Name": name, "Unit": _UNITS[unit]} for name, (_, unit) in values.items()]
    directive = {"Namespace": METRICS_NAMESPACE, "Dimensions": [list(dimensions)], "Metrics": declared}
    return {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        **{name: value for name, (value, _) in values.items()},
    }


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(_encoder.encode(line).decode() + "\n")
