"""Parquet in: a file in the bucket read by ranges, one row group after another. Needs pyarrow."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fraud.bulk import records
from fraud.bulk.file_store import BUFFER_BYTES, FileStore
from fraud.bulk.job import FIRST_ROW, Source
from fraud.errors import InvalidRequestError


class RangeFile(io.RawIOBase):
    """An object one can seek in; each read asks for just those bytes."""

    def __init__(self, files: FileStore, source: Source) -> None:
        self._files, self._source = files, source
        self._size, self._at = files.size(source), 0

    def seekable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is asked for yet."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def readinto(self, into: Any) -> int:
        """Fill the buffer as far as the object goes."""
        end = min(self._at + len(into), self._size)
        if end <= self._at:
            return 0
        data = self._files.read(self._source, self._at, end)
        into[: len(data)] = data
        self._at = end
        return len(data)


def names(files: FileStore, source: Source) -> tuple[str, ...]:
    """The column names; raises InvalidRequestError for what is no Parquet file."""
    with _opened(files, source) as file:
        return tuple(file.schema_arrow.names)


def rows(files: FileStore, source: Source, first: int) -> Iterator[list[Sequence[Any]]]:
    """Rows from number `first` on, up to 1,000 together, never across row groups."""
    with _opened(files, source) as file:
        number = FIRST_ROW
        for group in range(file.num_row_groups):
            held = file.metadata.row_group(group).num_rows
            if number + held > first:
                for batch in file.iter_batches(batch_size=records.PART_ROWS, row_groups=[group]):
                    if number >= first:
                        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
                    number += batch.num_rows
            else:
                number += held


@contextmanager
def _opened(files: FileStore, source: Source) -> Iterator[Any]:
    try:
        with pq.ParquetFile(RangeFile(files, source), buffer_size=BUFFER_BYTES, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, OSError) as exc:
        raise InvalidRequestError(f"the input is not readable as Parquet: {exc}", code="invalid_input") from exc
