"""Find request records: by transaction in the table, by time and kind in the archive; newest first, page by page."""

import base64
import binascii
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.errors import InvalidRequestError, Problem
from fraud.requests.archive import LogArchive, Names, Position, hour_prefix, position
from fraud.requests.record import log_line, transaction_pk

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Line = dict[str, Any]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; `since` and `until` are RFC 3339 in UTC with milliseconds."""

    transaction_id: str | None = None
    status_code: int | None = None
    model_version: str | None = None
    since: str = ""
    until: str = "9999"

    def match(self, line: Line) -> bool:
        """Whether a line is looked for."""
        return (
            self.since <= line["at"] <= self.until
            and self.transaction_id in (None, line["transaction_id"])
            and self.status_code in (None, line["status_code"])
            and self.model_version in (None, line.get("model_version"))
        )


class LogQuery:
    """Answers `GET /logs`. The archive lags the table by seconds; a transaction is always found at once."""

    def __init__(self, client: "DynamoDBClient", table: str, archive: LogArchive, names: Names) -> None:
        self._client, self._table, self._archive, self._names = client, table, archive, names

    def page(self, filters: Filters, *, limit: int, cursor: str | None) -> tuple[list[Line], str | None]:
        """Up to `limit` lines after `cursor`, and the cursor of the next page or None."""
        after = _decode(cursor) if cursor else None
        found = self._lines(filters, after)
        lines: list[Line] = []
        for line in found:
            if filters.match(line) and (after is None or position(line) < after):
                lines.append(line)
            if len(lines) > limit:
                return lines[:limit], _encode(position(lines[limit - 1]))
        return lines, None

    def _lines(self, filters: Filters, after: Position | None) -> Iterator[Line]:
        if filters.transaction_id is not None:
            yield from sorted(self._of_transaction(filters.transaction_id), key=position, reverse=True)
            return
        newest = min(filters.until, after[0] if after else "9999")
        for hour in self._archive.hours():
            if hour > hour_prefix(newest) and newest != "9999":
                continue
            if filters.since and hour < hour_prefix(filters.since):
                return
            yield from self._archive.lines(hour)

    def _of_transaction(self, transaction_id: str) -> Iterator[Line]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_attributes({":pk": transaction_pk(transaction_id)}),
        )
        for page in pages:
            for found in page["Items"]:
                item = from_attributes(found)
                yield log_line(item, self._names(item["v"]) if "v" in item else ())


def _encode(at: Position) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(at)).decode().rstrip("=")


def _decode(cursor: str) -> Position:
    try:
        at: Position = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=Position)
        return at
    except (binascii.Error, msgspec.DecodeError, ValueError) as exc:
        problem = Problem("cursor", "is not a cursor this API gave")
        raise InvalidRequestError("cursor is not a cursor this API gave", details=[problem]) from exc
