"""Erasure of one entity from the batch bucket: inputs and working copies go whole, results lose its lines.

An input is never rewritten: an object that arrives under `incoming/` begins a batch. A batch that still needed what
is gone ends as failed and says so.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fraud.bulk.names import CSV, INCOMING, PARQUET, RESULTS, WORK, format_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Row = dict[str, Any]
COLUMNS = ("entity_id", "transaction_id")


class BatchErasure:
    """Looks at every version of every object; may be repeated."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def erase(self, stored_as: set[str], transaction_ids: set[str]) -> int:
        """How many objects held the entity, as it may be written, or one of these transactions."""

        def about(row: Row) -> bool:
            return row.get("entity_id") in stored_as or row.get("transaction_id") in transaction_ids

        found = [one for one in list(self._versions()) if any(map(about, self._rows(one)))]
        for one in found:
            if one["Key"].startswith(RESULTS) and one["IsLatest"]:
                kept = [row for row in self._rows(one) if not about(row)]
                self._s3.put_object(Bucket=self._bucket, Key=one["Key"], Body=_encoded(one["Key"], kept))
            self._s3.delete_object(Bucket=self._bucket, Key=one["Key"], VersionId=one["VersionId"])
        return len(found)

    def _versions(self) -> Iterator[Any]:
        """What holds rows; a manifest holds counts alone."""
        for prefix in (INCOMING, WORK, RESULTS):
            pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
            yield from (one for page in pages for one in page.get("Versions", []) if format_of(one["Key"]))

    def _rows(self, one: Any) -> Iterator[Row]:
        """Each row; of a table that is no result its two naming columns alone."""
        body: Any = self._s3.get_object(Bucket=self._bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"]
        form = format_of(one["Key"])
        if form == PARQUET:
            return _parquet(body.read(), whole=one["Key"].startswith(RESULTS))
        # "\n" alone: Unicode has line ends of its own, which a text in a row may hold
        lines = io.TextIOWrapper(io.BufferedReader(body), "utf-8-sig", "replace", newline="" if form == CSV else "\n")
        return _table(csv.reader(lines)) if form == CSV else map(_json, lines)


def _table(rows: Iterator[list[str]]) -> Iterator[Row]:
    names = [name.strip().lower() for name in next(rows, [])]
    yield from (dict(zip(names, row, strict=False)) for row in rows)


def _json(line: str) -> Row:
    """The row in a line; a line that is no row was refused by its number and names nobody we know."""
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def _parquet(data: bytes, *, whole: bool) -> Iterator[Row]:
    import pyarrow.parquet as pq  # noqa: PLC0415 -- needed for this format alone

    with pq.ParquetFile(io.BytesIO(data)) as file:
        named = {name: name.strip().lower() for name in file.schema_arrow.names}
        wanted = [name for name, plain in named.items() if whole or plain in COLUMNS]
        for batch in file.iter_batches(columns=wanted):
            yield from ({named[name]: value for name, value in row.items()} for row in batch.to_pylist())


def _encoded(key: str, rows: list[Row]) -> bytes:
    if format_of(key) == PARQUET:
        from fraud.bulk import parquet_output  # noqa: PLC0415

        return parquet_output.encode(rows)
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows).encode()
