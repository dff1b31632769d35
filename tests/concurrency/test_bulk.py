"""A bulk batch with a worker killed midway: real processes, a real queue, real transactions."""

import os

import pytest

from benchmarks.bulk.measure import measure

pytestmark = [pytest.mark.concurrency, pytest.mark.skipif("SOAK" not in os.environ, reason="SOAK=1 runs it")]
ROWS = 3_000


def test_a_killed_worker_loses_nothing_and_doubles_nothing() -> None:
    # WHEN rows are scored and one of two workers is killed after half of them
    outcome, puts = measure(ROWS, "logistic")

    # THEN (`measure` has compared every row of the results, every record and a sample of the answers)
    assert (outcome.job.total, outcome.job.done, outcome.job.failed) == (ROWS, ROWS, 0)
    assert ROWS // 2 <= outcome.killed_at < ROWS
    assert puts >= ROWS
