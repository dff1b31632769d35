"""Cut a batch's input into parts, one slice of time after another, and have each part scored."""

import time
from collections.abc import Callable
from itertools import islice

from fraud.bulk.columns import Columns
from fraud.bulk.file_store import FileStore
from fraud.bulk.job import OPEN, Job
from fraud.bulk.job_store import JobStore
from fraud.bulk.messages import Queue, StepMessage
from fraud.bulk.pieces import header, pieces
from fraud.errors import InvalidRequestError
from fraud.observability import log
from fraud.scoring.schema import Schema

SLICE_SECONDS = 30.0
PARTS_BETWEEN_CHECKPOINTS = 10


class Splitter:
    """Sends every part at least once, then notes how many there are.

    What was sent is noted after it was sent: a splitter that is lost in between sends the same parts again, and
    scoring counts each once.
    """

    def __init__(
        self, jobs: JobStore, files: FileStore, parts: Queue, steps: Queue, schema: Callable[[str], Schema]
    ) -> None:
        self._jobs, self._files, self._parts, self._steps, self._schema = jobs, files, parts, steps, schema

    def split(self, batch_id: str, *, slice_seconds: float = SLICE_SECONDS) -> None:
        """Go on where the batch stands; input that cannot be read ends it as failed, with the reason in words."""
        job = self._jobs.job(batch_id)
        if job.state not in OPEN:
            return
        try:
            if job.parts is None:
                self._cut(job, time.monotonic() + slice_seconds)
        except InvalidRequestError as refused:
            log("batch_refused", batch_id=batch_id, code=refused.code)
            self._jobs.fail(batch_id, refused.message)
        if self._jobs.job(batch_id).complete:
            self._steps.send([StepMessage(batch_id, "finish")])

    def _cut(self, job: Job, deadline: float) -> None:
        """Send parts until the input ends, the time is over, or somebody else turns out to be ahead of us."""
        at: Job | None = self._described(job)
        waiting = pieces(at, self._files, self._columns(at)) if at else iter(())
        while at and (together := list(islice(waiting, PARTS_BETWEEN_CHECKPOINTS))):
            self._parts.send(piece.message for piece in together)
            at = self._jobs.advance(at, together[-1].following)
            if at and time.monotonic() > deadline:
                return self._steps.send([StepMessage(job.batch_id, "split")])
        if at and not at.total:
            raise InvalidRequestError("the input holds no rows", code="invalid_input")
        return self._jobs.split(at) if at else None

    def _described(self, job: Job) -> Job | None:
        """The batch with its column names, if its format has any, found to be right for the version."""
        found = header(job, self._files)
        if found is None:
            return job
        names, following = found
        Columns(names, self._schema(job.model_version))
        return self._jobs.advance(job, following, columns=names)

    def _columns(self, job: Job) -> Columns | None:
        return Columns(job.columns, self._schema(job.model_version)) if job.columns is not None else None
