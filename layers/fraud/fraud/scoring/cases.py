"""Many transactions read and decided against one model: pure but for the clock, an outcome for every one."""

import time
from collections.abc import Sequence

import msgspec

from fraud.errors import FraudError, InvalidRequestError
from fraud.scoring import transaction
from fraud.scoring.live import ServingModel
from fraud.scoring.predict import decide
from fraud.scoring.prediction import Prediction
from fraud.scoring.transaction import Transaction


class Asked(msgspec.Struct, frozen=True):
    """One item as it came: its JSON, the request it belongs to, and what a failure of it is filed under."""

    body: bytes
    request_id: str
    failure_id: str


class Failed(msgspec.Struct, frozen=True):
    """An item without an answer, and the transaction's identifier if it could be read."""

    transaction_id: str | None
    error: FraudError


Outcome = Prediction | Failed


class Case(msgspec.Struct, frozen=True):
    """A transaction that can be scored; equal ones have equal `identity`."""

    asked: Transaction
    row: list[float]
    imputed: list[str]
    request_id: str
    digest: str

    @property
    def identity(self) -> tuple[str, str]:
        """What it is decided once for."""
        return self.asked.transaction_id, self.digest


def read(model: ServingModel, one: Asked) -> Case | Failed:
    """The item as a row of the model, or why it is none."""
    try:
        asked = transaction.decode(one.body)
        row, imputed = model.reader.row(asked)
        return Case(asked, row, imputed, one.request_id, transaction.digest(asked))
    except FraudError as error:
        return Failed(transaction.id_in(one.body), error)


def decisions(model: ServingModel, cases: Sequence[Case]) -> list[Outcome]:
    """Each case decided, all of them scored in one call; its time is its share of that and its own explanation."""
    began = time.perf_counter()
    scores = _scores(model, [case.row for case in cases])
    share = (time.perf_counter() - began) / max(1, len(cases))
    return [_decision(model, case, score, share) for case, score in zip(cases, scores, strict=True)]


def _decision(model: ServingModel, case: Case, score: float | FraudError, share: float) -> Outcome:
    if isinstance(score, FraudError):
        return Failed(case.asked.transaction_id, score)
    try:
        started = time.perf_counter() - share
        return decide(model, case.asked, case.row, case.imputed, score, case.request_id, started)
    except FraudError as error:
        return Failed(case.asked.transaction_id, error)


def _scores(model: ServingModel, rows: list[list[float]]) -> Sequence[float | FraudError]:
    try:
        return model.packed.score_many(rows)
    except InvalidRequestError:  # one row has no finite answer, which must not cost the others theirs
        return [_score(model, row) for row in rows]


def _score(model: ServingModel, row: list[float]) -> float | FraudError:
    try:
        return model.packed.score(row)
    except InvalidRequestError as error:
        return error
