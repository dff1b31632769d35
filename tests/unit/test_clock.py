"""Times sort as text; identifiers sort by their time of making."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fraud.clock import now, parse_rfc3339, rfc3339, ulid


def test_a_moment_survives_the_round_trip_to_the_millisecond() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, 123_000, tzinfo=UTC)
    assert rfc3339(moment) == "2026-01-31T12:00:00.123Z"
    assert parse_rfc3339(rfc3339(moment)) == moment


def test_other_offsets_become_utc() -> None:
    moment = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    assert rfc3339(moment) == "2026-01-31T10:00:00.000Z"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z"])
def test_a_text_that_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_rfc3339(text)


def test_ulids_differ_and_carry_the_time() -> None:
    made = {ulid() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(one) for one in made} == {26}
    assert now().tzinfo is UTC
