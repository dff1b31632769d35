"""score: score one part of a bulk batch after another."""

from functools import cache
from typing import Any

import msgspec

from fraud import settings
from fraud.aws.clients import client
from fraud.bulk.file_store import FileStore
from fraud.bulk.job_store import JobStore
from fraud.bulk.messages import PartMessage, Queue
from fraud.bulk.part import ENDPOINT, PartScorer
from fraud.scoring.assembly import Parts


@cache
def scorer() -> PartScorer:
    told = settings.read(settings.ScoreSettings)
    parts = Parts(told)
    jobs, files = JobStore(client("dynamodb"), told.batches_table), FileStore(client("s3"), told.batch_bucket)
    steps = Queue(client("sqs"), told.steps_queue_url)
    return PartScorer(jobs, files, parts.models, parts.recorder(ENDPOINT), steps)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    for record in event["Records"]:  # one at a time, by template; what is raised brings it back
        scorer().score(msgspec.json.decode(record["body"], type=PartMessage))
    return {"batchItemFailures": []}
