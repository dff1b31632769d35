"""Score one transaction: validate, score, explain, record, answer."""

import time
from datetime import timedelta

from fraud.clock import now, ulid
from fraud.errors import FraudError
from fraud.observability import log, metrics
from fraud.requests import record
from fraud.requests.redaction import Redactor
from fraud.requests.store import RequestStore
from fraud.scoring import risk, transaction
from fraud.scoring.live import LiveModels, ServingModel
from fraud.scoring.prediction import Prediction, explain
from fraud.scoring.transaction import Transaction

ENDPOINT = "/predict"


class Predictor:
    """The use case behind `POST /predict`; one durable write a request."""

    def __init__(self, models: LiveModels, store: RequestStore, redactor: Redactor, retention: timedelta) -> None:
        self._models, self._store, self._redactor, self._retention = models, store, redactor, retention

    def predict(self, body: bytes, request_id: str, *, rescore: bool = False) -> Prediction:
        """The answer to one request body, recorded before it is given.

        The same transaction again gives the stored answer with `cache_hit`; `rescore` scores and records anew.
        Raises InvalidRequestError, MalformedJsonError, NoActiveModelError, UnavailableError; a refused request is
        recorded too.
        """
        started = time.perf_counter()
        asked: Transaction | None = None
        try:
            asked = transaction.decode(body)
            return self._answer(asked, request_id, started, rescore)
        except FraudError as error:
            self._record_failure(asked.transaction_id if asked else f"unknown-{request_id}", error, request_id)
            raise

    def _answer(self, asked: Transaction, request_id: str, started: float, rescore: bool) -> Prediction:
        model = self._models.active()
        row, imputed = model.reader.row(asked)
        prediction = decide(model, asked, row, imputed, request_id, started)
        digest = transaction.digest(asked)
        item = record.decision_item(
            prediction,
            digest=f"{digest}#{ulid()}" if rescore else digest,
            row=row,
            free_fields=self._redactor.fields(asked),
            endpoint=ENDPOINT,
            amount=asked.amount,
            at=now(),
            retention=self._retention,
        )
        first = self._store.put_once(item)
        answer = record.prediction_of(first, cache_hit=True) if first else prediction
        _tell(answer, started)
        return answer

    def _record_failure(self, transaction_id: str, error: FraudError, request_id: str) -> None:
        """Log the refusal; when even that cannot be stored the error line is what remains of it."""
        item = record.failure_item(
            transaction_id,
            suffix=ulid(),
            status=error.status,
            code=error.code,
            request_id=request_id,
            endpoint=ENDPOINT,
            at=now(),
            retention=self._retention,
        )
        try:
            self._store.put(item)
        except FraudError as unlogged:
            log(
                "failure_not_recorded",
                level="ERROR",
                request_id=request_id,
                code=error.code,
                why=unlogged.code,
            )
        metrics({"Refused": (1, "count")}, code=error.code)


def decide(
    model: ServingModel,
    asked: Transaction,
    row: list[float],
    imputed: list[str],
    request_id: str,
    started: float,
) -> Prediction:
    """Probability, risk score and explanation of one row; a pure function but for the clock."""
    probability = model.packed.score(row)
    thresholds = model.thresholds
    is_fraud = probability >= thresholds.decision
    adjustments = risk.adjustments(asked.amount, asked.merchant_category)
    explanation = explain(
        model.names,
        row,
        model.packed.explain(row, model.medians),
        adjustments=adjustments,
        confidence=probability if is_fraud else 1.0 - probability,
        recommendation=risk.recommendation(probability, thresholds),
    )
    return Prediction(
        transaction_id=asked.transaction_id,
        is_fraud=is_fraud,
        fraud_probability=probability,
        risk_score=risk.risk_score(probability, thresholds, adjustments),
        model_version=model.version,
        processing_time_ms=round((time.perf_counter() - started) * 1000.0, 3),
        explanation=explanation,
        cache_hit=False,
        imputed_features=imputed,
        request_id=request_id,
    )


def _tell(answer: Prediction, started: float) -> None:
    spent = round((time.perf_counter() - started) * 1000.0, 3)
    log(
        "predicted",
        transaction_id=answer.transaction_id,
        version=answer.model_version,
        is_fraud=answer.is_fraud,
        cache_hit=answer.cache_hit,
        request_id=answer.request_id,
        latency_ms=spent,
    )
    values = {
        "Latency": (spent, "ms"),
        "Predictions": (1.0, "count"),
        "Frauds": (float(answer.is_fraud), "count"),
    }
    metrics(values, version=answer.model_version)
