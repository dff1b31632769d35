"""The beginning of a batch: rows in a request, or an object in the bucket."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from fraud.bulk import names
from fraud.bulk.file_store import FileStore
from fraud.bulk.job import QUEUED, Job, Source
from fraud.bulk.job_store import JobStore
from fraud.bulk.messages import Queue, StepMessage
from fraud.clock import now, rfc3339, ulid
from fraud.errors import InvalidRequestError, NotFoundError, Problem, TooLargeError
from fraud.observability import log

MAX_INLINE_ROWS = 10_000
MAX_BODY_BYTES = 6 << 20  # what Lambda itself takes; 10,000 rows of every feature are more, and go through the bucket
INLINE = "inline"


class Starter:
    """Accepts batches; accepted means stored, with a message on its way."""

    def __init__(
        self, jobs: JobStore, files: FileStore, steps: Queue, active_version: Callable[[], str], retention: timedelta
    ) -> None:
        self._jobs, self._files, self._steps = jobs, files, steps
        self._active_version, self._retention = active_version, retention

    def begin(self, transactions: Sequence[Any] | None, told: str | None, by: str) -> Job:
        """A batch of exactly one of the two: rows, or an `s3://` address; raises what `from_rows`, `from_file` do."""
        if (transactions is None) == (told is None):
            words = 'must hold either "transactions" or "input"'
            raise InvalidRequestError(f"the body {words}", details=[Problem("$", words)])
        if told is None:
            return self.from_rows(transactions or (), by)
        return self.from_file(names.incoming_key(told, self._files.bucket), by)

    def from_rows(self, transactions: Sequence[Any], by: str) -> Job:
        """A batch of 1 to 10,000 rows; raises InvalidRequestError, TooLargeError, NoActiveModelError."""
        if not transactions:
            problem = Problem("transactions", "must hold at least one transaction")
            raise InvalidRequestError(f"transactions {problem['problem']}", details=[problem])
        if len(transactions) > MAX_INLINE_ROWS:
            told = f"the batch holds {len(transactions)} transactions, at most {MAX_INLINE_ROWS} are allowed"
            raise TooLargeError(f"{told}: put a file into the batch bucket")
        version, batch_id = self._active_version(), f"b-{ulid()}"
        key = names.work_key(batch_id, "input.ndjson")
        self._files.put(key, "".join(json.dumps(one) + "\n" for one in transactions).encode())
        return self._begun(batch_id, self._files.find(key, names.NDJSON), INLINE, version, by)

    def from_file(self, key: str, by: str, version_id: str | None = None) -> Job:
        """The batch of this object: the one there is, however often and by whomever it is started.

        Raises NotFoundError, NoActiveModelError.
        """
        uri = f"s3://{self._files.bucket}/{key}"
        source = self._files.find(key, names.format_of(key) or "", version_id)
        batch_id = names.of_object(key, source.version_id or source.etag or "")
        return self._begun(batch_id, source, uri, self._active_version(), by)

    def from_notice(self, key: str, version_id: str | None) -> None:
        """The batch of a file that was put under `incoming/`; one of no format, or gone already, begins none."""
        if names.format_of(key) is None:
            log("input_ignored", level="WARN", key=key)
            return
        try:
            self.from_file(key, "s3", version_id)
        except NotFoundError as gone:
            log("input_gone", level="WARN", key=key, code=gone.code)

    def resumed(self, batch_id: str) -> Job:
        """Read the input again and score what is not counted; raises NotFoundError, ConflictError when it is done."""
        job = self._jobs.resume(batch_id)
        self._steps.send([StepMessage(batch_id, "split")])
        return job

    def _begun(self, batch_id: str, source: Source, told: str, version: str, by: str) -> Job:
        at = now()
        job = self._jobs.create(
            Job(
                batch_id=batch_id,
                state=QUEUED,
                input=told,
                source=source,
                model_version=version,
                created_at=rfc3339(at),
                by=by,
                expires_at=int((at + self._retention).timestamp()),
            )
        )
        # also when it was there before: whoever stored it may have been lost before this line
        if job.state == QUEUED:
            self._steps.send([StepMessage(batch_id, "split")])
        return job
