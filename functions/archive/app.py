"""archive: request records from the table's stream into the log archive."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import LeanClient
from fraud.observability import log, metrics
from fraud.requests.archive import LogArchive
from fraud.requests.stream import archive_batch
from fraud.scoring.store import ServingStore


@cache
def archive() -> LogArchive:
    return LogArchive(client("s3"), settings.read(settings.ArchiveSettings).log_bucket)


@cache
def columns(version: str) -> tuple[str, ...]:
    told = settings.read(settings.ArchiveSettings)
    lean = LeanClient(told.aws_region, endpoint_url=told.aws_endpoint_url)
    return ServingStore(lean, told.registry_table, "").version(version).schema.names


def handler(event: dict[str, Any], context: object) -> None:
    written = archive_batch(DynamoDBStreamEvent(event), archive(), columns)
    log("archived", objects=len(written.keys), lines=written.lines)
    metrics({"ArchivedLines": (written.lines, "count")}, service="archive")
