"""spool: write the records that waited for the requests table."""

from functools import cache
from typing import Any

from fraud import settings
from fraud.aws.lean.client import lean_client
from fraud.errors import FraudError
from fraud.observability import log
from fraud.requests.spool import restore
from fraud.requests.store import RequestStore


@cache
def store() -> RequestStore:
    told = settings.read(settings.SpoolSettings)
    return RequestStore(lean_client(told.aws_region, told.aws_endpoint_url), told.requests_table)


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    failed = [record["messageId"] for record in event["Records"] if not restored(record)]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


def restored(record: dict[str, Any]) -> bool:
    try:
        restore(store(), record["body"])
    except FraudError as error:  # the message stays on the queue
        log("record_not_restored", level="WARN", message=record["messageId"], why=error.message)
        return False
    return True
