"""batch: score the transactions on the queue."""

from functools import cache
from typing import Any

from fraud import settings
from fraud.scoring.assembly import Parts
from fraud.scoring.batch import BatchScorer
from fraud.scoring.queue import Message, consume
from fraud.scoring.queue_store import BatchQueue


@cache
def told() -> settings.BatchSettings:
    return settings.read(settings.BatchSettings)


@cache
def parts() -> Parts:
    return Parts(told())


@cache
def scorer() -> BatchScorer:
    return BatchScorer(parts().models, parts().recorder("queue"))


@cache
def queue() -> BatchQueue:
    return BatchQueue(parts().client, told().batch_queue_url)


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    receipts = {record["messageId"]: record["receiptHandle"] for record in event["Records"]}
    done = consume([Message(record["messageId"], record["body"].encode()) for record in event["Records"]], scorer())
    queue().give_up([receipts[one] for one in done.never])
    return done.report()
