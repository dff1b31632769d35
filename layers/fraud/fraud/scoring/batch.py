"""Score many transactions at once: one engine call, records written side by side, an outcome for every position."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fraud.errors import FraudError, UnavailableError
from fraud.observability import log
from fraud.scoring import cases, transaction
from fraud.scoring.cases import Asked, Case, Decided, Failed, Outcome
from fraud.scoring.pinned import Lineups
from fraud.scoring.prediction import Prediction
from fraud.scoring.recording import Recorder

WRITERS = 16
RECORDING_SECONDS = 20.0
"""No write begins later; the last may take the client's patience (7 s) more, and API Gateway waits 29 s."""

Given = TypeVar("Given")
Got = TypeVar("Got")


class BatchScorer:
    """The use case behind `POST /predict/batch`, the queue and the stream; one durable write a transaction."""

    def __init__(self, models: Lineups, recorder: Recorder) -> None:
        self._models, self._recorder = models, recorder

    def answers(self, asked: Sequence[Asked], *, rescore: bool = False) -> list[Outcome]:
        """The outcome of each item, in their order: an answer that is on record, or why there is none.

        Equal transactions are decided once and share the answer. A transaction answered before gets the stored
        answer with `cache_hit`; `rescore` scores and records anew. Failures are recorded too, if time is left.
        Raises NoActiveModelError and UnavailableError when nothing can be scored at all.
        """
        started = time.perf_counter()
        give_up_at = time.monotonic() + RECORDING_SECONDS
        read = [cases.read(one) for one in asked]
        first = {one.identity: one for one in reversed(read) if isinstance(one, Case)}  # the first of equals stays
        decided = cases.decisions(self._models.lineup(), list(first.values()))
        recorded = self._record(decided, give_up_at, rescore=rescore)
        kept = dict(zip(first, recorded, strict=True))
        outcomes = [kept[one.identity] if isinstance(one, Case) else one for one in read]
        self._file(zip(asked, outcomes, strict=True), give_up_at)
        _tell(outcomes, started)
        return outcomes

    def refused(self, error: FraudError, one: Asked) -> None:
        """Record that a whole request was refused before its items were looked at."""
        self._recorder.refused(error, None, request_id=one.request_id, failure_id=one.failure_id)

    def _record(self, decided: list[Decided | Failed], give_up_at: float, *, rescore: bool) -> list[Outcome]:
        def record(one: Decided | Failed) -> Outcome:
            if isinstance(one, Failed):
                return one
            case = one.case
            try:
                _require_time(give_up_at)
                if one.failed:
                    self._recorder.candidate_failed(one.failed, case.asked.transaction_id, case.request_id)
                key = transaction.record_key(case.digest, rescore=rescore)
                return self._recorder.decided(one.prediction, case.asked, one.row, key)
            except FraudError as error:
                return Failed(case.asked.transaction_id, error)

        return _together(record, decided)

    def _file(self, outcomes: Iterable[tuple[Asked, Outcome]], give_up_at: float) -> None:
        def file(failure: tuple[Asked, Failed]) -> None:
            one, failed = failure
            self._recorder.refused(
                failed.error, failed.transaction_id, request_id=one.request_id, failure_id=one.failure_id
            )

        failures = [(one, outcome) for one, outcome in outcomes if isinstance(outcome, Failed)]
        if time.monotonic() < give_up_at:
            _together(file, failures)
        elif failures:
            log("failures_not_recorded", level="ERROR", count=len(failures), request_id=failures[0][0].request_id)


def _require_time(give_up_at: float) -> None:
    if time.monotonic() > give_up_at:
        raise UnavailableError("no time was left to record the answer: send the transaction again")


def _together(call: Callable[[Given], Got], given: list[Given]) -> list[Got]:
    """The results in order; the client keeps one connection a thread.

    Each thread takes every so-many-th: to hand over one by one costs as much as all else but the reasons.
    """
    threads = min(WRITERS, len(given))
    if threads < 2:
        return [call(one) for one in given]
    with ThreadPoolExecutor(threads) as pool:
        shares = list(pool.map(lambda first: [call(one) for one in given[first::threads]], range(threads)))
    return [shares[number % threads][number // threads] for number in range(len(given))]


def _tell(outcomes: Sequence[Outcome], started: float) -> None:
    answered = [one for one in outcomes if isinstance(one, Prediction)]
    spent = round((time.perf_counter() - started) * 1000.0, 3)
    cached = sum(one.cache_hit for one in answered)
    log("predicted_batch", asked=len(outcomes), answered=len(answered), cached=cached, latency_ms=spent)
