"""One JSON line an outcome, and metrics in CloudWatch's embedded metric format.

Powertools' Logger and Metrics write the same, but importing them loads botocore and costs `predict` 200 ms
of cold start; this module is what that function can afford, so every function uses it.
"""

import sys
import time
from collections.abc import Mapping, Sequence

import msgspec

METRICS_NAMESPACE = "FraudDetection"
Values = Mapping[str, tuple[float | Sequence[float], str]]  # name: (value or values, "ms" | "count" | "bytes")
VALUES_AT_ONCE = 100
"""CloudWatch takes at most so many values of a metric from one line."""
_encoder = msgspec.json.Encoder()
_UNITS = {"ms": "Milliseconds", "count": "Count", "bytes": "Bytes"}


def log(event: str, *, level: str = "INFO", **fields: object) -> None:
    """Write one line. Fields are ids, versions, verdicts and latencies: never a transaction's content."""
    _write({"level": level, "event": event, "timestamp": time.time(), **fields})


def metrics(values: Values, **dimensions: str) -> None:
    """Publish metrics under the given dimensions; of each at most VALUES_AT_ONCE values.

    Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    declared = [{"Name": name, "Unit": _UNITS[unit]} for name, (_, unit) in values.items()]
    directive = {"Namespace": METRICS_NAMESPACE, "Dimensions": [list(dimensions)], "Metrics": declared}
    _write(
        {
            **dimensions,
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
            **{name: value for name, (value, _) in values.items()},
        }
    )


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(_encoder.encode(line).decode() + "\n")
