"""The log archive: request records from the table's stream to gzip NDJSON in S3.

A stream batch always becomes the same object under the same key, so a replayed batch writes nothing new. Athena reads
the layout `logs/dt=YYYY-MM-DD/hour=HH/`.
"""

import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from fraud.requests.record import Item, log_line

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Names = Callable[[str], tuple[str, ...]]
Position = tuple[str, str, str, str]
PREFIX = "logs/"


class LogArchive:
    """Writes and reads the archive bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def write(self, batch_id: str, lines: Iterable[dict[str, Any]]) -> list[str]:
        """Store the lines of one stream batch, one object per hour they belong to; returns the keys."""
        by_hour: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in lines:
            by_hour[hour_prefix(line["at"])].append(line)
        return [self._put(f"{prefix}{batch_id}.ndjson.gz", held) for prefix, held in sorted(by_hour.items())]

    def hours(self) -> Iterator[str]:
        """Prefixes of the hours that hold lines, newest first."""
        for day in reversed(self._folders(PREFIX)):
            yield from reversed(self._folders(day))

    def lines(self, hour: str) -> list[dict[str, Any]]:
        """Every line of one hour, newest first; a line archived twice (a split stream batch) counts once."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=hour)
        held = [line for page in pages for found in page.get("Contents", []) for line in self._read(found["Key"])]
        return sorted({position(line): line for line in held}.values(), key=position, reverse=True)

    def _folders(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter="/"
        )
        return [found["Prefix"] for page in pages for found in page.get("CommonPrefixes", [])]

    def _put(self, key: str, lines: list[dict[str, Any]]) -> str:
        text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        # mtime=0: the same batch gives the same bytes
        body = gzip.compress(text, mtime=0)
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/gzip")
        return key

    def _read(self, key: str) -> list[dict[str, Any]]:
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return [msgspec.json.decode(line) for line in gzip.decompress(body).splitlines()]


def hour_prefix(at: str) -> str:
    """`logs/dt=2026-11-22/hour=13/` of an RFC 3339 moment."""
    return f"{PREFIX}dt={at[:10]}/hour={at[11:13]}/"


def position(line: dict[str, Any]) -> Position:
    """Where a line stands in time; no two lines share it."""
    own = line.get("digest") or line.get("failure_id") or ""  # the items of one batch share all the rest
    return line["at"], line["request_id"], line["transaction_id"], own


def archived_lines(items: Iterable[Item], names: Names) -> list[dict[str, Any]]:
    """The archive lines of request items; `names(version)` gives the columns of a version's rows."""
    return [log_line(item, names(item["v"]) if "v" in item else ()) for item in items]
