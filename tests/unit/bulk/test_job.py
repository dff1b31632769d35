"""How far a batch is."""

from datetime import timedelta

import msgspec

from fraud.bulk.job import CANCELLED, DONE, RUNNING, SPLITTING, Job, Position, Source, progress
from fraud.clock import parse_rfc3339

JOB = Job(
    batch_id="b-1",
    state=RUNNING,
    input="inline",
    source=Source("work/b-1/input.ndjson", "ndjson"),
    model_version="v1.0.0",
    created_at="2026-11-22T12:00:00.000Z",
    by="me",
    expires_at=0,
    at=Position(10, 9999, 10_001),
    parts=10,
    parts_done=4,
    done=3990,
    failed=10,
)
LATER = parse_rfc3339(JOB.created_at) + timedelta(seconds=20)


def test_the_rate_is_that_since_the_beginning_and_the_rest_takes_as_long() -> None:
    assert progress(JOB, LATER) == {
        "total": 10_000,
        "done": 3990,
        "failed": 10,
        "rows_per_second": 200.0,
        "eta_seconds": 30.0,
    }


def test_the_time_left_is_unknown_while_the_input_is_read_and_before_the_first_part() -> None:
    for unknown in ({"state": SPLITTING}, {"done": 0, "failed": 0}, {"state": CANCELLED}):
        assert progress(msgspec.structs.replace(JOB, **unknown), LATER)["eta_seconds"] is None


def test_the_rate_of_a_finished_batch_stays() -> None:
    ended = msgspec.structs.replace(JOB, state=DONE, done=9990, finished_at="2026-11-22T12:00:40.000Z")
    assert progress(ended, LATER + timedelta(days=1))["rows_per_second"] == 250.0
    assert progress(ended, LATER)["eta_seconds"] == 0.0


def test_a_batch_is_complete_only_when_its_number_of_parts_is_known() -> None:
    assert not JOB.complete
    assert msgspec.structs.replace(JOB, parts_done=10).complete
    assert not msgspec.structs.replace(JOB, parts=None, parts_done=10).complete
