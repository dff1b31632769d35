"""S3 events as the few facts we use of them."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from fraud.clock import parse_rfc3339, rfc3339


class Notice(msgspec.Struct, frozen=True):
    """An S3 event about one object; `at` is the event's own time, the same however often it is delivered."""

    bucket: str
    key: str
    version_id: str | None
    at: str
    uploader: str | None = None


def notices(event: Mapping[str, Any]) -> Iterator[Notice]:
    """One notice an object, its key decoded ('+' and '%xx' as S3 sends them)."""
    for record in event["Records"]:
        found = record["s3"]["object"]
        yield Notice(
            bucket=record["s3"]["bucket"]["name"],
            key=unquote_plus(found["key"]),
            version_id=found.get("versionId"),
            at=rfc3339(parse_rfc3339(record["eventTime"])),
            uploader=record.get("userIdentity", {}).get("principalId"),
        )
