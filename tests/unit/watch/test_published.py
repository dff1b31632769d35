"""What CloudWatch is told of decisions."""

import json
from decimal import Decimal
from typing import Any

import pytest

from fraud.watch.published import publish


def decision(number: int, version: str = "v1.0.0") -> dict[str, Any]:
    """A decision's record, as far as it matters here; every third is a fraud."""
    return {"s": 200, "v": version, "f": number % 3 == 0, "ms": Decimal(number) / 2}


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines without what `observability` itself is tested for."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [{name: value for name, value in line.items() if name != "_aws"} for line in lines]


def test_each_version_has_its_predictions_frauds_and_latencies(capsys: pytest.CaptureFixture[str]) -> None:
    refused = {"s": 422, "code": "invalid_request"}
    publish([decision(1), decision(3, "v2.0.0"), refused, {**refused, "v": "v1.0.0"}, decision(6)])
    assert told(capsys) == [
        {"version": "v1.0.0", "Predictions": 2, "Frauds": 1, "Latency": [0.5, 3.0]},
        {"version": "v2.0.0", "Predictions": 1, "Frauds": 1, "Latency": [1.5]},
    ]


def test_a_line_holds_no_more_values_than_cloudwatch_takes(capsys: pytest.CaptureFixture[str]) -> None:
    publish(decision(number) for number in range(250))
    lines = told(capsys)
    assert [line["Predictions"] for line in lines] == [100, 100, 50]
    assert sum(line["Frauds"] for line in lines) == 84
    assert [ms for line in lines for ms in line["Latency"]] == [number / 2 for number in range(250)]


def test_without_decisions_there_is_nothing_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    publish([{"s": 503, "code": "no_active_model"}])
    assert told(capsys) == []
