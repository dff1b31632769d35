"""Lines of the log and the metrics in them."""

import json

import pytest

from fraud.observability import log, metrics

LATENCY = {"Latency": (1.5, "ms"), "Predictions": (1, "count")}
DECLARED = [{"Name": "Latency", "Unit": "Milliseconds"}, {"Name": "Predictions", "Unit": "Count"}]


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The one line that was written."""
    [line] = capsys.readouterr().out.splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_an_outcome_is_one_line_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    log("archived", level="WARN", lines=3)
    line = told(capsys)
    assert isinstance(line.pop("timestamp"), float)
    assert line == {"level": "WARN", "event": "archived", "lines": 3}


def test_metrics_are_a_line_cloudwatch_takes_them_from(capsys: pytest.CaptureFixture[str]) -> None:
    metrics(LATENCY, version="v1.0.0")
    line = told(capsys)
    embedded = line.pop("_aws")
    assert line == {"version": "v1.0.0", "Latency": 1.5, "Predictions": 1}
    assert embedded["CloudWatchMetrics"] == [  # type: ignore[index]
        {"Namespace": "FraudDetection", "Dimensions": [["version"]], "Metrics": DECLARED}
    ]
    assert embedded["Timestamp"] > 1.7e12  # type: ignore[index]
