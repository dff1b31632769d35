"""One batch from its file to its manifest, with two workers of which one is killed when half of it is done."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.bulk.disk import DiskModel, DiskS3
from benchmarks.bulk.place import Place
from benchmarks.bulk.worker import Spent
from fraud.bulk.file_store import FileStore
from fraud.bulk.finish import Finisher
from fraud.bulk.job import DONE, Job
from fraud.bulk.job_store import JobStore
from fraud.bulk.messages import Queue, StepMessage
from fraud.bulk.split import Splitter

WORKERS = 2
LOOK_SECONDS = 0.2


class Outcome(msgspec.Struct, frozen=True):
    """The finished batch, seconds from its first part to its manifest, and what every counted part cost."""

    job: Job
    seconds: float
    split_seconds: float
    killed_at: int
    spent: list[Spent]


class Workers:
    """Worker processes; the one that is killed gets no chance to clean up."""

    def __init__(self, place_file: Path) -> None:
        self._place_file = place_file
        self._running = [self._start() for _ in range(WORKERS)]

    def kill_one(self) -> None:
        """SIGKILL to the first, and another in its place."""
        lost = self._running.pop(0)
        lost.kill()
        lost.wait()
        self._running.append(self._start())

    def require_alive(self) -> None:
        """Raise AssertionError when one has ended by itself."""
        assert all(one.poll() is None for one in self._running), "a worker died: see workers.log"

    def stop(self) -> None:
        """End those that are left."""
        for one in self._running:
            one.kill()
            one.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        output = (self._place_file.parent / "workers.log").open("ab")
        with output:
            command = [sys.executable, "-m", "benchmarks.bulk.worker", str(self._place_file)]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            return subprocess.Popen(command, stdout=output, stderr=output, env=environment)


def run(place: Place, job: Job) -> Outcome:
    """Score the batch; raises AssertionError when it does not end well."""
    jobs = JobStore(place.client("dynamodb"), place.table)
    files = FileStore(DiskS3(place.root), place.bucket)  # type: ignore[arg-type]
    parts, steps = (Queue(place.client("sqs"), url) for url in (place.parts_url, place.steps_url))
    jobs.create(job)
    place_file = place.root / "place.json"
    place_file.write_bytes(msgspec.json.encode(place))
    began, killed_at = time.perf_counter(), 0
    schema = DiskModel(place.root).version(job.model_version).schema
    with _workers(place_file) as workers:
        Splitter(jobs, files, parts, steps, lambda _: schema).split(job.batch_id, slice_seconds=3600)
        split_seconds = time.perf_counter() - began
        while (found := jobs.job(job.batch_id)).state != DONE:
            if not killed_at and found.parts_done * 2 >= (found.parts or 0):
                workers.kill_one()
                killed_at = found.done + found.failed
            workers.require_alive()
            _take_steps(place, Finisher(jobs, files, steps).finish)
            time.sleep(LOOK_SECONDS)
    lines = [line for file in place.root.glob("spent-*.ndjson") for line in file.read_bytes().splitlines()]
    spent = [msgspec.json.decode(line, type=Spent) for line in lines]
    return Outcome(found, time.perf_counter() - began, split_seconds, killed_at, spent)


def _take_steps(place: Place, finish: Callable[[str], None]) -> None:
    sqs = place.client("sqs")
    for message in sqs.receive_message(QueueUrl=place.steps_url, MaxNumberOfMessages=10).get("Messages", []):
        finish(msgspec.json.decode(message["Body"], type=StepMessage).batch_id)
        sqs.delete_message(QueueUrl=place.steps_url, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def _workers(place_file: Path) -> Iterator[Workers]:
    workers = Workers(place_file)
    try:
        yield workers
    finally:
        workers.stop()
