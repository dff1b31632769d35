"""stream: score the transactions of a Kinesis stream."""

import base64
from functools import cache
from typing import Any

from fraud import settings
from fraud.scoring.assembly import Parts
from fraud.scoring.batch import BatchScorer
from fraud.scoring.queue import Message, consume


@cache
def scorer() -> BatchScorer:
    parts = Parts(settings.read(settings.PredictSettings))
    return BatchScorer(parts.models, parts.recorder("stream"))


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    records = [record["kinesis"] for record in event["Records"]]
    messages = [Message(record["sequenceNumber"], base64.b64decode(record["data"])) for record in records]
    return consume(messages, scorer()).report()
