"""A batch of the requests table's stream becomes archive objects."""

import hashlib
from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent

from fraud.aws.lean.attributes import from_attributes
from fraud.requests.archive import LogArchive, Names, archived_lines
from fraud.requests.record import Item

Records = Sequence[tuple[str, Item]]
# What names no shard has but one, as the stand-ins do; Lambda names it, for the template asks for windows.
ONLY_SHARD = "only"


def records_of(event: DynamoDBStreamEvent) -> Records:
    """Every record that was put, with its sequence number, in order.

    TTL deletions are no log entries.
    """
    return [
        (record.raw_event["dynamodb"]["SequenceNumber"], from_attributes(record.raw_event["dynamodb"]["NewImage"]))
        for record in event.records
        if record.raw_event["eventName"] in ("INSERT", "MODIFY") and "NewImage" in record.raw_event["dynamodb"]
    ]


def shard_of(event: dict[str, Any]) -> str:
    """Stream and shard a batch comes from: sequence numbers are in order within one shard only."""
    return f"{event['Records'][0].get('eventSourceARN', '')}/{event.get('shardId', ONLY_SHARD)}"


def archive_records(records: Records, archive: LogArchive, names: Names) -> list[str]:
    """Archive the records of one batch and give the keys; the same batch again writes the same objects again.

    A batch split by `BisectBatchOnFunctionError` writes its halves under their own keys, so readers count a line once
    by its transaction and digest.
    """
    lines = archived_lines((item for _, item in records), names)
    return archive.write(batch_id([sequence for sequence, _ in records]), lines)


def batch_id(numbers: Sequence[str]) -> str:
    """Sorts by time within a shard: the first sequence number, and a digest of the whole batch."""
    digest = hashlib.sha256("\n".join(numbers).encode()).hexdigest()[:12]
    return f"{numbers[0].zfill(32)}-{digest}"
