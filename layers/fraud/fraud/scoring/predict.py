"""Score one transaction: validate, score, explain, record, answer."""

import time

from fraud.clock import ulid
from fraud.errors import FraudError
from fraud.observability import log
from fraud.scoring import risk, transaction
from fraud.scoring.fallback import answered
from fraud.scoring.live import LiveModels, ServingModel
from fraud.scoring.prediction import Prediction, explain
from fraud.scoring.recording import Recorder
from fraud.scoring.transaction import Transaction


class Predictor:
    """The use case behind `POST /predict`; one durable write a request."""

    def __init__(self, models: LiveModels, recorder: Recorder) -> None:
        self._models, self._recorder = models, recorder

    def predict(self, body: bytes, request_id: str, *, rescore: bool = False) -> Prediction:
        """The answer to one request body, recorded before it is given.

        The same transaction again gives the stored answer with `cache_hit`; `rescore` scores and records anew.
        Raises InvalidRequestError, MalformedJsonError, NoActiveModelError, UnavailableError; a refused request is
        recorded too.
        """
        started = time.perf_counter()
        try:
            return self._answer(transaction.decode(body), request_id, started, rescore)
        except FraudError as error:
            self._recorder.refused(error, transaction.id_in(body), request_id=request_id, failure_id=ulid())
            raise

    def _answer(self, asked: Transaction, request_id: str, started: float, rescore: bool) -> Prediction:
        def by(model: ServingModel) -> tuple[Prediction, list[float]]:
            row, imputed = model.reader.row(asked)
            return decide(model, asked, row, imputed, model.packed.score(row), request_id, started), row

        (prediction, row), failed = answered(self._models.lineup(), asked, by)
        if failed:
            self._recorder.candidate_failed(failed, asked.transaction_id, request_id)
        key = transaction.record_key(transaction.digest(asked), rescore=rescore)
        answer = self._recorder.decided(prediction, asked, row, key)
        _tell(answer, started)
        return answer


def decide(
    model: ServingModel,
    asked: Transaction,
    row: list[float],
    imputed: list[str],
    probability: float,
    request_id: str,
    started: float,
) -> Prediction:
    """Verdict, risk score and explanation of one scored row; a pure function but for the clock."""
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
    log(
        "predicted",
        transaction_id=answer.transaction_id,
        version=answer.model_version,
        is_fraud=answer.is_fraud,
        cache_hit=answer.cache_hit,
        latency_ms=round((time.perf_counter() - started) * 1000.0, 3),
        request_id=answer.request_id,
    )
