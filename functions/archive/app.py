"""archive: request records from the table's stream into the log archive and the counters."""

from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import LeanClient
from fraud.observability import log, metrics
from fraud.requests.archive import LogArchive
from fraud.requests.stream import archive_records, records_of, shard_of
from fraud.scoring.schema import Schema
from fraud.scoring.store import ServingStore
from fraud.watch.cells import Edges
from fraud.watch.counter_store import CounterStore
from fraud.watch.custom import CustomMetric, custom_metrics
from fraud.watch.published import publish
from fraud.watch.slices import counted


@cache
def told() -> settings.ArchiveSettings:
    return settings.read(settings.ArchiveSettings)


@cache
def archive() -> LogArchive:
    return LogArchive(client("s3"), told().log_bucket)


@cache
def counters() -> CounterStore:
    return CounterStore(client("dynamodb"), told().watch_table, timedelta(days=told().metrics_retention_days))


@cache
def schema(version: str) -> Schema:
    lean = LeanClient(told().aws_region, endpoint_url=told().aws_endpoint_url)
    return ServingStore(lean, told().registry_table, "").version(version).schema


def columns(version: str) -> tuple[str, ...]:
    return schema(version).names


def edges(version: str) -> Edges:
    return [feature.quantiles for feature in schema(version).features]


@cache
def own_metrics() -> list[CustomMetric]:
    try:
        return custom_metrics(told().custom_metrics)
    except ValueError as error:  # a mistake there must not stop the archive
        log("custom_metrics_ignored", level="ERROR", why=str(error))
        return []


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    records = records_of(DynamoDBStreamEvent(event)) if event.get("Records") else []
    if records:
        keys = archive_records(records, archive(), columns)
        new = counters().count(shard_of(event), records, counted(edges, told().high_risk_score, own_metrics()))
        log("archived", objects=len(keys), lines=len(records), counted=new)
        metrics({"ArchivedLines": (len(records), "count")}, service="archive")
        publish(item for _, item in records[len(records) - new :])  # those counted before were published before
    return {"state": {}}  # windows demand one; ours is in the table
