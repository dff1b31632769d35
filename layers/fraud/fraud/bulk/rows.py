"""The rows of one part as the JSON of one transaction each, which is what is scored."""

import csv
import io
import json
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from fraud.bulk.columns import Columns
from fraud.bulk.names import derived_id
from fraud.bulk.records import records
from fraud.errors import InvalidRequestError, Problem

_NAMED = b'"transaction_id"'


class Row(NamedTuple):
    """One row by its number, from 1: its JSON, or why it could not even be read."""

    number: int
    text: bytes
    unreadable: InvalidRequestError | None = None


def rows(data: bytes, columns: Columns | None, batch_id: str, first_row: int) -> Iterator[Row]:
    """Every row of a part: CSV by its columns, NDJSON where there are none; a missing transaction_id is derived."""
    number = first_row
    for record in records(io.BytesIO(data), quoted=columns is not None):
        if record.isspace():
            continue
        default_id = derived_id(batch_id, number)
        yield _csv_row(record, columns, number, default_id) if columns else Row(number, identified(record, default_id))
        number += 1


def identified(record: bytes, default_id: str) -> bytes:
    """The NDJSON line, with `default_id` where it is an object without a transaction_id."""
    if _NAMED in record:
        return record
    try:
        value = json.loads(record)
    except (ValueError, RecursionError):
        return record
    return json.dumps({"transaction_id": default_id, **value}).encode() if isinstance(value, dict) else record


def cells_of(record: bytes) -> list[str]:
    """The cells of one CSV record (RFC 4180); raises InvalidRequestError when it is none."""
    try:
        text = record.decode("utf-8").rstrip("\r\n")
        return next(csv.reader(io.StringIO(text, newline=""), strict=True)) if '"' in text else text.split(",")
    except (UnicodeDecodeError, csv.Error) as exc:
        raise unreadable(f"is not CSV in UTF-8: {exc}") from exc


def unreadable(problem: str) -> InvalidRequestError:
    """The refusal of a row that is no transaction of any kind."""
    return InvalidRequestError(f"the row {problem}", code="invalid_transaction", details=[Problem("$", problem)])


def _csv_row(record: bytes, columns: Columns, number: int, default_id: str) -> Row:
    try:
        cells = cells_of(record)
        if len(cells) != columns.width:
            raise unreadable(f"has {len(cells)} cells, the header names {columns.width} columns")
        return Row(number, msgspec.json.encode(columns.values(columns.read(cells), default_id)))
    except InvalidRequestError as refused:
        return Row(number, b"", refused)
