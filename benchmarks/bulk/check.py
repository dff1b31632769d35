"""Whether a finished batch holds every row once, and nothing else, with the model's own answers."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.bulk.place import Place
from benchmarks.bulk.run import Outcome
from fraud.bulk.names import MANIFEST, result_key

SAMPLE_EVERY = 997


def check(place: Place, outcome: Outcome, rows: int, model: Any) -> int:
    """Raise AssertionError naming what is wrong; returns how many puts the log was asked for."""
    job = outcome.job
    assert (job.total, job.done, job.failed) == (rows, rows, 0), job
    numbers, scores = _results(place, job.batch_id)
    assert np.array_equal(np.sort(numbers), np.arange(1, rows + 1)), "a row is missing or there twice"
    counts = _counts(place.log_url)
    assert counts["items"] == rows, f"{counts['items']} records of {rows} rows"
    sampled = _input_rows(place)
    expected = model.predict_proba(np.array([row for _, row in sampled]))[:, 1]
    by_number = dict(zip(numbers.tolist(), scores.tolist(), strict=True))
    found = np.array([by_number[number] for number, _ in sampled])
    assert np.abs(found - expected).max() < 1e-9, "an answer belongs to another row"
    return int(counts["asked"])


def _results(place: Place, batch_id: str) -> tuple[Any, Any]:
    manifest = json.loads((place.root / place.bucket / result_key(batch_id, MANIFEST)).read_text())
    assert manifest["errors"] == []
    found = [_part(place, batch_id, one) for one in manifest["parts"]]
    return tuple(np.concatenate(columns) for columns in zip(*found, strict=True))  # type: ignore[return-value]


def _part(place: Place, batch_id: str, part: dict[str, Any]) -> tuple[Any, Any]:
    text = (place.root / place.bucket / result_key(batch_id, part["name"])).read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) == part["rows"], part
    assert all(one["transaction_id"] == f"t-{one['row']}" for one in lines), "an answer belongs to another row"
    return np.array([one["row"] for one in lines]), np.array([one["fraud_probability"] for one in lines])


def _input_rows(place: Place) -> list[tuple[int, list[float]]]:
    return list(_sampled(place))


def _sampled(place: Place) -> Iterator[tuple[int, list[float]]]:
    with (place.root / place.bucket / "incoming/rows.csv").open() as file:
        next(file)
        for number, line in enumerate(file, 1):
            if number % SAMPLE_EVERY == 1:
                yield number, [float(cell) for cell in line.split(",")[1:]]


def _counts(url: str) -> dict[str, int]:
    asked = urllib.request.Request(url, data=b"{}", headers={"X-Amz-Target": "CountItems"})  # noqa: S310 -- loopback
    with urllib.request.urlopen(asked, timeout=30) as reply:  # noqa: S310
        counts: dict[str, int] = json.loads(reply.read())
    return counts
