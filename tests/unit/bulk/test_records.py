"""Where a stream may be cut."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.bulk import records
from fraud.bulk.job import Position
from fraud.bulk.records import MAX_RECORD_BYTES, PART_ROWS, Cut, cuts
from fraud.errors import InvalidRequestError

START = Position()
CELL = st.text(st.sampled_from('ab,"\n\r é'), max_size=6)


def cut(data: bytes, at: Position = START, *, quoted: bool = True) -> list[Cut]:
    stream = io.BytesIO(data)
    stream.seek(at.offset)
    return list(cuts(stream, at, quoted=quoted))


def test_a_part_holds_a_thousand_rows_and_the_last_one_the_rest() -> None:
    # GIVEN
    data = b"".join(b"%d\n" % number for number in range(2 * PART_ROWS + 1))

    # WHEN
    found = cut(data)

    # THEN
    assert [(one.part, one.first_row, one.rows) for one in found] == [
        (0, 1, PART_ROWS),
        (1, PART_ROWS + 1, PART_ROWS),
        (2, 2 * PART_ROWS + 1, 1),
    ]
    assert [data[one.start : one.end].splitlines()[0] for one in found] == [b"0", b"1000", b"2000"]
    assert found[-1].end == len(data)


def test_reading_on_from_any_part_finds_the_same_parts() -> None:
    # GIVEN
    data = b"".join(b'"a\nb",%d\n' % number for number in range(3 * PART_ROWS))
    found = cut(data)

    # WHEN / THEN
    for number, one in enumerate(found):
        assert cut(data, one.following) == found[number + 1 :]


def test_large_rows_make_smaller_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN
    monkeypatch.setattr(records, "PART_BYTES", 100)

    # WHEN
    found = cut(b"x" * 59 + b"\n" + b"y" * 59 + b"\n" + b"z\n")

    # THEN
    assert [(one.rows, one.end) for one in found] == [(2, 120), (1, 122)]


def test_blank_lines_are_no_rows() -> None:
    # WHEN
    [one] = cut(b"\n1\n\r\n2\n\n")

    # THEN
    assert one.rows == 2


def test_a_quote_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    # GIVEN
    endless = io.BytesIO(b'"' + b"never closed\n" * (MAX_RECORD_BYTES // 10))

    # WHEN / THEN
    with pytest.raises(InvalidRequestError, match="exceeds"):
        list(cuts(endless, START, quoted=True))
    assert endless.tell() < 3 * MAX_RECORD_BYTES


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELL, min_size=2, max_size=3), min_size=1, max_size=8))
def test_records_are_what_a_csv_reader_reads(table: list[list[str]]) -> None:
    # GIVEN a table as Python's own writer writes it
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(table)

    # WHEN
    found = list(records.records(io.BytesIO(text.getvalue().encode()), quoted=True))

    # THEN each record is one row of it
    read = [next(csv.reader(io.StringIO(one.decode(), newline=""))) for one in found]
    assert read == table
