"""A batch of the requests table's stream becomes archive objects."""

import hashlib

import msgspec
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent

from fraud.aws.lean.attributes import from_attributes
from fraud.requests.archive import LogArchive, Names, archived_lines


class Written(msgspec.Struct, frozen=True):
    """What a batch came to."""

    keys: list[str]
    lines: int


def archive_batch(event: DynamoDBStreamEvent, archive: LogArchive, names: Names) -> Written:
    """Archive every inserted record; the same batch again writes the same objects again.

    TTL deletions and changes of existing items are not log entries. A batch split by `BisectBatchOnFunctionError`
    writes its halves under their own keys, so readers count a line once by its transaction and digest.
    """
    images = [
        record.raw_event["dynamodb"]["NewImage"]
        for record in event.records
        if record.raw_event["eventName"] in ("INSERT", "MODIFY") and "NewImage" in record.raw_event["dynamodb"]
    ]
    if not images:
        return Written([], 0)
    lines = archived_lines((from_attributes(image) for image in images), names)
    return Written(archive.write(_batch_id(event), lines), len(lines))


def _batch_id(event: DynamoDBStreamEvent) -> str:
    """Sorts by time within a shard: the first sequence number, and a digest of the whole batch."""
    numbers = [record.raw_event["dynamodb"]["SequenceNumber"] for record in event.records]
    digest = hashlib.sha256("\n".join(numbers).encode()).hexdigest()[:12]
    return f"{numbers[0].zfill(32)}-{digest}"
