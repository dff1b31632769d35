"""The end of a batch: Parquet parts get their form, and the manifest, written last, says that all is there."""

import time
from typing import Any

import msgspec

from fraud.bulk.file_store import FileStore
from fraud.bulk.job import OPEN, Job, Source
from fraud.bulk.job_store import Counted, JobStore
from fraud.bulk.messages import Queue, StepMessage
from fraud.bulk.names import MANIFEST, NDJSON, PARQUET, answers_key, errors_name, part_name, result_key
from fraud.bulk.split import SLICE_SECONDS
from fraud.observability import log

PARTS_BETWEEN_CHECKPOINTS = 20


class Finisher:
    """Ends batches whose parts are all counted; the same again changes nothing."""

    def __init__(self, jobs: JobStore, files: FileStore, steps: Queue) -> None:
        self._jobs, self._files, self._steps = jobs, files, steps

    def finish(self, batch_id: str, *, slice_seconds: float = SLICE_SECONDS) -> None:
        """Write the manifest and note the end, or ask to be called again when the time is over before."""
        deadline = time.monotonic() + slice_seconds
        job = self._jobs.job(batch_id)
        if job.state not in OPEN or not job.complete:
            return
        counted = list(self._jobs.counted(batch_id))
        if job.source.format == PARQUET and not self._assembled(job, counted, deadline):
            self._steps.send([StepMessage(batch_id, "finish")])
            return
        manifest = msgspec.json.encode(manifest_of(job, counted))
        self._files.put(result_key(batch_id, MANIFEST), manifest, "application/json")
        self._jobs.finish(batch_id)
        log("batch_done", batch_id=batch_id, done=job.done, failed=job.failed, version=job.model_version)

    def _assembled(self, job: Job, counted: list[Counted], deadline: float) -> bool:
        for one in counted[job.assembled :]:
            self._to_parquet(job, one)
            if (one.part + 1) % PARTS_BETWEEN_CHECKPOINTS == 0:
                self._jobs.assembled(job, one.part + 1)
            if time.monotonic() > deadline:
                return False
        return True

    def _to_parquet(self, job: Job, one: Counted) -> None:
        from fraud.bulk import parquet_output  # noqa: PLC0415 -- one function alone has the library

        data = self._files.whole(Source(answers_key(job.batch_id, PARQUET, one.part), NDJSON)) if one.done else b""
        table = parquet_output.encode(msgspec.json.decode(line) for line in data.splitlines())
        self._files.put(result_key(job.batch_id, part_name(one.part, PARQUET)), table, "application/vnd.apache.parquet")


def manifest_of(job: Job, counted: list[Counted]) -> dict[str, Any]:
    """What the results are: every file with its number of rows; the same batch gives the same manifest."""
    form = PARQUET if job.source.format == PARQUET else NDJSON
    return {
        "batch_id": job.batch_id,
        "input": job.input,
        "model_version": job.model_version,
        "created_at": job.created_at,
        "total": job.total,
        "done": job.done,
        "failed": job.failed,
        "parts": [{"name": part_name(one.part, form), "rows": one.done} for one in counted],
        "errors": [{"name": errors_name(one.part), "rows": one.failed} for one in counted if one.failed],
    }
