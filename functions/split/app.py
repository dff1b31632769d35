"""split: cut the input of bulk batches into parts to be scored, and finish batches whose parts all are."""

from functools import cache
from typing import Any

import msgspec

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import lean_client
from fraud.bulk.file_store import FileStore
from fraud.bulk.finish import Finisher
from fraud.bulk.job_store import JobStore
from fraud.bulk.messages import Queue, StepMessage
from fraud.bulk.split import Splitter
from fraud.scoring.schema import Schema
from fraud.scoring.store import ServingStore


@cache
def told() -> settings.SplitSettings:
    return settings.read(settings.SplitSettings)


@cache
def schema(version: str) -> Schema:
    lean = lean_client(told().aws_region, told().aws_endpoint_url)
    return ServingStore(lean, told().registry_table, "").version(version).schema


@cache
def splitter() -> Splitter:
    parts = Queue(client("sqs"), told().parts_queue_url)
    return Splitter(jobs(), files(), parts, steps(), schema)


@cache
def jobs() -> JobStore:
    return JobStore(client("dynamodb"), told().batches_table)


@cache
def files() -> FileStore:
    return FileStore(client("s3"), told().batch_bucket)


@cache
def steps() -> Queue:
    return Queue(client("sqs"), told().steps_queue_url)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    for record in event["Records"]:  # one at a time, by template; what is raised brings it back
        message = msgspec.json.decode(record["body"], type=StepMessage)
        if message.step == "split":
            splitter().split(message.batch_id)
        else:
            Finisher(jobs(), files(), steps()).finish(message.batch_id)
    return {"batchItemFailures": []}
