"""Score one part: its results and errors are stored under names of its own, then it is counted, once."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from fraud.bulk.columns import Columns
from fraud.bulk.file_store import FileStore
from fraud.bulk.job import OPEN, Job, Source
from fraud.bulk.job_store import Counted, JobStore
from fraud.bulk.messages import PartMessage, Queue, StepMessage
from fraud.bulk.names import CSV, NDJSON, PARQUET, answers_key, errors_name, part_name, result_key, work_key
from fraud.bulk.rows import Row, rows
from fraud.errors import InvalidRequestError, UnavailableError
from fraud.observability import log
from fraud.scoring.batch import BatchScorer
from fraud.scoring.cases import Asked, Failed, Outcome
from fraud.scoring.live import LiveModels
from fraud.scoring.pinned import Pinned
from fraud.scoring.recording import Recorder

ENDPOINT = "/batches"
Line = dict[str, Any]


class PartScorer:
    """Safe to repeat, at once or much later: answers come from the log, names from the part, the count is conditional.

    A worker lost anywhere leaves nothing that a second delivery of the message does not write again in the same way.
    """

    def __init__(self, jobs: JobStore, files: FileStore, models: LiveModels, recorder: Recorder, steps: Queue) -> None:
        self._jobs, self._files, self._models, self._recorder = jobs, files, models, recorder
        self._steps = steps

    def score(self, message: PartMessage) -> None:
        """Score the part unless it is counted or its batch has ended; raises UnavailableError to be asked again.

        Input that is gone by now ends the batch as failed.
        """
        job = self._jobs.job(message.batch_id)
        if job.state not in OPEN:
            log("part_passed_over", batch_id=job.batch_id, part=message.part, state=job.state)
            return
        try:
            if not self._jobs.is_counted(job.batch_id, message.part):
                self._jobs.count(job, self._scored(job, message))
        except InvalidRequestError as gone:
            self._jobs.fail(job.batch_id, gone.message)
        if self._jobs.job(job.batch_id).complete:
            self._steps.send([StepMessage(job.batch_id, "finish")])

    def _scored(self, job: Job, message: PartMessage) -> Counted:
        pinned = Pinned(self._models, job.model_version)
        columns = Columns(job.columns or (), pinned.lineup().active.schema) if job.source.format == CSV else None
        data = self._files.read(_source(job, message), message.start, message.end)
        found = list(rows(data, columns, job.batch_id, message.first_row))
        scorer = BatchScorer(pinned, self._recorder)
        answers, errors = _lines(job.batch_id, found, _outcomes(scorer, job.batch_id, found))
        self._files.put(answers_key(job.batch_id, job.source.format, message.part), _ndjson(answers))
        if errors:
            self._files.put(result_key(job.batch_id, errors_name(message.part)), _ndjson(errors))
        return Counted(message.part, len(answers), len(errors))


def _source(job: Job, message: PartMessage) -> Source:
    if job.source.format == PARQUET:
        return Source(work_key(job.batch_id, part_name(message.part)), NDJSON)
    return job.source


def _outcomes(scorer: BatchScorer, batch_id: str, found: Sequence[Row]) -> Iterator[Outcome]:
    """The outcome of every row in order; raises UnavailableError when one is not the row's own fault."""
    asked = [Asked(row.text, f"{batch_id}-{row.number}", f"{batch_id}-{row.number:09d}") for row in found]
    readable = [one for one, row in zip(asked, found, strict=True) if not row.unreadable]
    answered = iter(scorer.answers(readable) if readable else ())
    for one, row in zip(asked, found, strict=True):
        if row.unreadable:
            scorer.refused(row.unreadable, one)
        outcome = Failed(None, row.unreadable) if row.unreadable else next(answered)
        if isinstance(outcome, Failed) and outcome.error.status >= 500:
            raise UnavailableError(outcome.error.message) from outcome.error
        yield outcome


def _lines(batch_id: str, found: Sequence[Row], outcomes: Iterator[Outcome]) -> tuple[list[Line], list[Line]]:
    """Result lines and error lines, each with the number of its row."""
    answers, errors = [], []
    for row, outcome in zip(found, outcomes, strict=True):
        if isinstance(outcome, Failed):
            error = outcome.error
            told = {"code": error.code, "message": error.message, "details": error.details}
            errors.append({"row": row.number, "transaction_id": outcome.transaction_id, "error": told})
            continue
        # what this batch itself decided is no hit, not even when it decided it before its worker was lost
        hit = outcome.cache_hit and not outcome.request_id.startswith(batch_id)
        answers.append({"row": row.number, **msgspec.to_builtins(msgspec.structs.replace(outcome, cache_hit=hit))})
    return answers, errors


def _ndjson(lines: Sequence[Line]) -> bytes:
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
