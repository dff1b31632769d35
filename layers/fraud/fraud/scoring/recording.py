"""What was decided and what was refused, written down before anybody hears of it."""

from datetime import timedelta

import msgspec

from fraud.clock import now, ulid
from fraud.errors import FraudError, ScoringFailedError, UnavailableError
from fraud.observability import log, metrics
from fraud.requests import record
from fraud.requests.redaction import Redactor
from fraud.requests.spool import Spool
from fraud.requests.store import RequestStore, marked
from fraud.scoring.prediction import Prediction
from fraud.scoring.transaction import Transaction


class Recorder:
    """The request log of one endpoint; with a spool, answers are given while the log cannot be written."""

    def __init__(
        self, store: RequestStore, redactor: Redactor, retention: timedelta, endpoint: str, spool: Spool | None = None
    ) -> None:
        self._store, self._redactor, self._retention, self._endpoint = store, redactor, retention, endpoint
        self._spool = spool

    def decided(self, prediction: Prediction, asked: Transaction, row: list[float], digest: str) -> Prediction:
        """The answer on record: this one, or with `cache_hit` the one that was there first under the same digest.

        Without a log to write to, the record goes to the spool and the answer says so; raises UnavailableError when
        there is none, or it cannot be written either.
        """
        item = record.decision_item(
            prediction,
            digest=digest,
            row=row,
            free_fields=self._redactor.fields(asked),
            endpoint=self._endpoint,
            amount=asked.amount,
            at=now(),
            retention=self._retention,
        )
        item = marked(item)  # here, so that the spool's copy is known for the same should the table have it after all
        try:
            first = self._store.put_once(item)
        except UnavailableError as unlogged:
            return self._spooled(prediction, item, unlogged)
        return record.prediction_of(first, cache_hit=True) if first else prediction

    def _spooled(self, prediction: Prediction, item: record.Item, unlogged: UnavailableError) -> Prediction:
        if self._spool is None:
            raise unlogged
        self._spool.keep(item)
        log("record_queued", level="ERROR", request_id=prediction.request_id, why=unlogged.message)
        metrics({"RecordsQueued": (1, "count")})
        return msgspec.structs.replace(prediction, log="queued")

    def candidate_failed(self, failed: ScoringFailedError, transaction_id: str, request_id: str) -> None:
        """Hold it against the version that was to answer; the caller has the active version's answer."""
        # a request id of its own: an archive line is told from another by moment, request and transaction
        blamed = f"{request_id}#{failed.version}"
        self.refused(failed, transaction_id, request_id=blamed, failure_id=ulid())

    def refused(self, error: FraudError, transaction_id: str | None, *, request_id: str, failure_id: str) -> None:
        """Log a refusal once per `failure_id`; when even that cannot be stored the error line is what remains."""
        item = record.failure_item(
            transaction_id or f"unknown-{request_id}",
            suffix=failure_id,
            status=error.status,
            code=error.code,
            request_id=request_id,
            endpoint=self._endpoint,
            at=now(),
            retention=self._retention,
        )
        if isinstance(error, ScoringFailedError):
            item = record.blamed(item, error.version)
        try:
            self._store.put_once(item)
        except FraudError as unlogged:
            log("failure_not_recorded", level="ERROR", request_id=request_id, code=error.code, why=unlogged.code)
        metrics({"Refused": (1, "count")}, code=error.code)
