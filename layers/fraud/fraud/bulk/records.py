"""Where a stream of CSV or NDJSON may be cut: whole records only, never more than one part in memory."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from fraud.bulk.job import Position
from fraud.errors import InvalidRequestError

PART_ROWS = 1_000
PART_BYTES = 4 << 20
MAX_RECORD_BYTES = 1 << 20


class Reader(Protocol):
    """A buffered byte stream."""

    def readline(self, size: int, /) -> bytes: ...


class Cut(NamedTuple):
    """One part of the input: its number, first byte, byte after its last, first row (from 1) and number of rows."""

    part: int
    start: int
    end: int
    first_row: int
    rows: int

    @property
    def following(self) -> Position:
        """Where the next part begins."""
        return Position(self.part + 1, self.end, self.first_row + self.rows)


def records(reader: Reader, *, quoted: bool) -> Iterator[bytes]:
    """Each record with its line end; with `quoted`, a line end inside double quotes (RFC 4180) does not end it.

    Raises InvalidRequestError for a record above 1 MiB, which is also what a quote that is never closed becomes.
    """
    held: list[bytes] = []
    size, inside = 0, False
    while line := reader.readline(MAX_RECORD_BYTES + 1):
        size += len(line)
        if size > MAX_RECORD_BYTES:
            start = b"".join((*held, line))[:40]
            raise InvalidRequestError(f"a row exceeds {MAX_RECORD_BYTES} bytes: {start!r}…", code="invalid_input")
        inside ^= quoted and line.count(b'"') % 2 == 1
        held.append(line)
        if not inside:
            yield b"".join(held) if len(held) > 1 else line
            held, size = [], 0
    if held:
        yield b"".join(held)


def cuts(reader: Reader, at: Position, *, quoted: bool) -> Iterator[Cut]:
    """The parts of a stream that begins at `at.offset`: 1,000 rows or 4 MiB each, blank lines counting as no row.

    The same bytes give the same parts wherever a previous reading stopped.
    """
    size = rows = 0
    for record in records(reader, quoted=quoted):
        size += len(record)
        rows += not record.isspace()
        if rows >= PART_ROWS or (rows and size >= PART_BYTES):
            cut = Cut(at.part, at.offset, at.offset + size, at.row, rows)
            yield cut
            at, size, rows = cut.following, 0, 0
    if rows:
        yield Cut(at.part, at.offset, at.offset + size, at.row, rows)
