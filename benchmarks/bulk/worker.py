"""One worker: `python -m benchmarks.bulk.worker PLACE` scores parts until it is ended, as the function `score` does.

What each part cost is appended to a file; of a part that was not counted nothing remains there.
"""

import os
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.bulk.disk import DiskModel, DiskS3
from benchmarks.bulk.place import Place
from fraud.aws.lean.client import LeanClient
from fraud.aws.lean.sigv4 import Credentials
from fraud.bulk.file_store import FileStore
from fraud.bulk.job_store import JobStore
from fraud.bulk.messages import PartMessage, Queue
from fraud.bulk.part import ENDPOINT, PartScorer
from fraud.requests.redaction import Redactor
from fraud.requests.store import RequestStore
from fraud.scoring.live import LiveModels
from fraud.scoring.recording import Recorder


class Spent(msgspec.Struct):
    """One part: rows, milliseconds of processor and of clock, and the process's largest memory in MB so far."""

    rows: int
    cpu_ms: float
    wall_ms: float
    peak_mb: float


def scorer(place: Place) -> PartScorer:
    """The use case on its stand-ins."""
    lean = LeanClient("eu-west-1", endpoint_url=place.log_url, credentials=lambda: Credentials("test", "test"))
    recorder = Recorder(RequestStore(lean, "Requests"), Redactor(lambda: "no secret"), timedelta(days=30), ENDPOINT)
    models = LiveModels(DiskModel(place.root), cache_size=3, routing_seconds=5)
    files = FileStore(DiskS3(place.root), place.bucket)  # type: ignore[arg-type]
    steps = Queue(place.client("sqs"), place.steps_url)
    return PartScorer(JobStore(place.client("dynamodb"), place.table), files, models, recorder, steps)


def main(place: Place) -> None:
    """Take one message after the other, as SQS would hand them to the function."""
    sqs, use_case = place.client("sqs"), scorer(place)
    spent_file = (place.root / f"spent-{os.getpid()}.ndjson").open("ab", buffering=0)
    while True:
        for message in _received(sqs, place.parts_url):
            part = msgspec.json.decode(message["Body"], type=PartMessage)
            cpu, wall = time.process_time(), time.perf_counter()
            try:
                use_case.score(part)
            except Exception as error:  # as Lambda would: whatever is raised, the message comes back
                print(repr(error), file=sys.stderr)
                continue
            cpu_ms, wall_ms = (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            spent_file.write(msgspec.json.encode(Spent(part.rows, cpu_ms, wall_ms, peak)) + b"\n")
            sqs.delete_message(QueueUrl=place.parts_url, ReceiptHandle=message["ReceiptHandle"])


def _received(sqs: Any, url: str) -> Any:
    try:
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=1).get("Messages", [])
    except (BotoCoreError, ClientError) as error:  # as Lambda's poller would: it asks again
        print(repr(error), file=sys.stderr)
        return []


if __name__ == "__main__":
    main(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Place))
