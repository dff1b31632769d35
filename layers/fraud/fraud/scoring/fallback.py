"""Whatever a candidate does, a caller gets an answer: where it fails, the active version answers instead."""

from collections.abc import Callable
from typing import TypeVar

from fraud.errors import FraudError, ScoringFailedError
from fraud.observability import log
from fraud.scoring.live import Lineup, ServingModel
from fraud.scoring.transaction import Transaction

Answer = TypeVar("Answer")


def answered(
    lineup: Lineup, asked: Transaction, by: Callable[[ServingModel], Answer]
) -> tuple[Answer, ScoringFailedError | None]:
    """The answer of the version whose turn it is, and the candidate's failure if another had to give it.

    A transaction that the active version refuses too is the caller's mistake and nobody's failure. Raises what the
    active version raises; what nobody foresaw becomes ScoringFailedError.
    """
    model = lineup.answering(asked)
    if model is lineup.active:
        return _answer(model, by), None
    try:
        return _answer(model, by), None
    except FraudError as error:
        answer = _answer(lineup.active, by)
        log("candidate_failed", level="ERROR", version=model.version, code=error.code)
        return answer, ScoringFailedError(model.version, error.message, code="candidate_failed")


def _answer(model: ServingModel, by: Callable[[ServingModel], Answer]) -> Answer:
    try:
        return by(model)
    except FraudError:
        raise
    except Exception as error:  # a model is data from outside: whatever it makes the evaluator do is its failure
        log("scoring_failed", level="ERROR", version=model.version, error=type(error).__name__)
        raise ScoringFailedError(model.version, type(error).__name__) from error
