"""An input as the parts it is scored in, whatever its format, from wherever an earlier reading stopped."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from fraud.bulk.columns import Columns
from fraud.bulk.file_store import FileStore
from fraud.bulk.job import Job, Position
from fraud.bulk.messages import PartMessage, part_message
from fraud.bulk.names import CSV, NDJSON, PARQUET, derived_id, part_name, work_key
from fraud.bulk.records import Cut, cuts, records
from fraud.bulk.rows import cells_of


class Piece(NamedTuple):
    """One part to be scored, and where the input goes on behind it."""

    message: PartMessage
    following: Position


def header(job: Job, files: FileStore) -> tuple[tuple[str, ...], Position] | None:
    """A table's column names and where its rows begin; None for NDJSON, and once they are known."""
    if job.columns is not None or job.source.format == NDJSON:
        return None
    if job.source.format == PARQUET:
        from fraud.bulk import parquet_input  # noqa: PLC0415 -- one function alone has the library

        return parquet_input.names(files, job.source), Position()
    with files.reader(job.source, 0) as stream:
        first = next(records(stream, quoted=True), b"")
    names = tuple(name.strip() for name in cells_of(first.removeprefix(b"\xef\xbb\xbf")))
    return names, Position(offset=len(first))


def pieces(job: Job, files: FileStore, columns: Columns | None) -> Iterator[Piece]:
    """The parts from `job.at` on; those of a Parquet file are written out as NDJSON, which is what is scored."""
    if job.source.format == PARQUET and columns:
        yield from _written_out(job, files, columns)
        return
    with files.reader(job.source, job.at.offset) as stream:
        for cut in cuts(stream, job.at, quoted=job.source.format == CSV):
            yield Piece(part_message(job.batch_id, cut), cut.following)


def _written_out(job: Job, files: FileStore, columns: Columns) -> Iterator[Piece]:
    from fraud.bulk import parquet_input  # noqa: PLC0415 -- one function alone has the library

    part, first = job.at.part, job.at.row
    for rows in parquet_input.rows(files, job.source, first):
        told = (columns.values(row, derived_id(job.batch_id, number)) for number, row in enumerate(rows, first))
        # json and not msgspec: a NaN must reach the scorer as what it is, to be refused there by name
        data = "".join(json.dumps(one, default=str) + "\n" for one in told).encode()
        files.put(work_key(job.batch_id, part_name(part)), data)
        cut = Cut(part, 0, len(data), first, len(rows))
        yield Piece(part_message(job.batch_id, cut), Position(part + 1, 0, first + len(rows)))
        part, first = part + 1, first + len(rows)
