"""What was decided and what was refused, written down before anybody hears of it."""

from datetime import timedelta

from fraud.clock import now
from fraud.errors import FraudError
from fraud.observability import log, metrics
from fraud.requests import record
from fraud.requests.redaction import Redactor
from fraud.requests.store import RequestStore
from fraud.scoring.prediction import Prediction
from fraud.scoring.transaction import Transaction


class Recorder:
    """The request log of one endpoint."""

    def __init__(self, store: RequestStore, redactor: Redactor, retention: timedelta, endpoint: str) -> None:
        self._store, self._redactor, self._retention, self._endpoint = store, redactor, retention, endpoint

    def decided(self, prediction: Prediction, asked: Transaction, row: list[float], digest: str) -> Prediction:
        """The answer on record: this one, or with `cache_hit` the one that was there first under the same digest.

        Raises UnavailableError when it cannot be recorded.
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
        first = self._store.put_once(item)
        return record.prediction_of(first, cache_hit=True) if first else prediction

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
        try:
            self._store.put_once(item)
        except FraudError as unlogged:
            log("failure_not_recorded", level="ERROR", request_id=request_id, code=error.code, why=unlogged.code)
        metrics({"Refused": (1, "count")}, code=error.code)
