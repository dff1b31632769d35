"""Erasure of what was recorded about one entity: its rows in the requests table, its lines in the log archive."""

import gzip
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.requests.archive import PREFIX
from fraud.requests.record import transaction_pk

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

Line = dict[str, Any]


class Erased(msgspec.Struct, frozen=True):
    """How many records and archived lines one pass removed."""

    rows: int
    lines: int


class ErasureStore:
    """Finds and removes; every step may be repeated. Older versions of a rewritten object are removed too."""

    def __init__(self, dynamodb: "DynamoDBClient", s3: "S3Client", requests_table: str, log_bucket: str) -> None:
        self._dynamodb, self._s3, self._table, self._bucket = dynamodb, s3, requests_table, log_bucket

    def transactions(self, stored_as: set[str]) -> set[str]:
        """The ids of the entity's transactions; `stored_as` is how it may be written in table and archive."""
        rows = {row["pk"].removeprefix(transaction_pk("")) for row in self._rows() if row.get("entity_id") in stored_as}
        lines = (line for key in self._objects() for line in self._lines(key))
        return rows | {line["transaction_id"] for line in lines if line.get("entity_id") in stored_as}

    def erase(self, stored_as: set[str], transaction_ids: set[str]) -> Erased:
        """One pass over table and archive.

        Refusals of the same transactions go too: they carry no entity of their own.
        """
        lines = sum(self._rewrite(key, stored_as, transaction_ids) for key in list(self._objects()))
        rows = [row for row in self._rows() if _about_row(row, stored_as, transaction_ids)]
        for row in rows:
            self._dynamodb.delete_item(TableName=self._table, Key=to_attributes({"pk": row["pk"], "sk": row["sk"]}))
        return Erased(len(rows), lines)

    def _rows(self) -> Iterator[Line]:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table, ProjectionExpression="pk, sk, entity_id", ConsistentRead=True
        )
        for page in pages:
            yield from (from_attributes(item) for item in page["Items"])

    def _objects(self) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=PREFIX)
        yield from (found["Key"] for page in pages for found in page.get("Contents", []))

    def _rewrite(self, key: str, stored_as: set[str], ids: set[str]) -> int:
        lines = self._lines(key)
        kept = [line for line in lines if not _about(line, stored_as, ids)]
        if len(kept) == len(lines):
            return 0
        older = [one["VersionId"] for one in self._versions(key)]
        if kept:
            text = b"".join(msgspec.json.encode(line) + b"\n" for line in kept)
            packed = gzip.compress(text, mtime=0)
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=packed, ContentType="application/gzip")
        for version in older:
            self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version)
        return len(lines) - len(kept)

    def _lines(self, key: str) -> list[Line]:
        body = gzip.decompress(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        return [msgspec.json.decode(line) for line in body.splitlines()]

    def _versions(self, key: str) -> Iterator[Any]:
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
        yield from (one for page in pages for one in page.get("Versions", []) if one["Key"] == key)


def _about(line: Line, stored_as: set[str], ids: set[str]) -> bool:
    refused = "error_code" in line and line["transaction_id"] in ids
    return refused or line.get("entity_id") in stored_as


def _about_row(row: Line, stored_as: set[str], ids: set[str]) -> bool:
    refused = row["sk"].startswith("ERR#") and row["pk"].removeprefix(transaction_pk("")) in ids
    return refused or row.get("entity_id") in stored_as
