"""Many transactions read and decided: pure but for the clock, an outcome for every one."""

import time
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from fraud.errors import FraudError, ScoringFailedError
from fraud.scoring import transaction
from fraud.scoring.fallback import answered
from fraud.scoring.live import Lineup, ServingModel
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
    """A valid transaction; equal ones have equal `identity`."""

    asked: Transaction
    request_id: str
    digest: str

    @property
    def identity(self) -> tuple[str, str]:
        """What it is decided once for."""
        return self.asked.transaction_id, self.digest


class Decided(msgspec.Struct, frozen=True):
    """A case with its answer and the row that was scored; `failed` when a candidate was to answer and could not."""

    case: Case
    prediction: Prediction
    row: list[float]
    failed: ScoringFailedError | None = None


def read(one: Asked) -> Case | Failed:
    """The item as a transaction, or why it is none."""
    try:
        asked = transaction.decode(one.body)
        return Case(asked, one.request_id, transaction.digest(asked))
    except FraudError as error:
        return Failed(transaction.id_in(one.body), error)


def decisions(lineup: Lineup, cases: Sequence[Case]) -> list[Decided | Failed]:
    """Each case decided by the model whose turn it is; one engine call a model."""
    turns: dict[ServingModel, list[Case]] = defaultdict(list)
    for case in cases:
        turns[lineup.answering(case.asked)].append(case)
    found = {
        case.identity: outcome
        for model, mine in turns.items()
        for case, outcome in zip(mine, _at_once(lineup, model, mine), strict=True)
    }
    return [found[case.identity] for case in cases]


def _at_once(lineup: Lineup, model: ServingModel, cases: list[Case]) -> list[Decided | Failed]:
    """Rows the model cannot read, and all when the call fails, are decided alone: one must not cost the others."""
    rows = {case.identity: row for case in cases if (row := _row(model, case))}
    began = time.perf_counter()
    scores = dict(zip(rows, _scores(model, [row for row, _ in rows.values()]), strict=False))
    share = (time.perf_counter() - began) / max(1, len(rows))

    def decided(case: Case) -> Decided | Failed:
        if case.identity not in scores:
            return _alone(lineup, case)
        row, imputed = rows[case.identity]
        started = time.perf_counter() - share
        try:
            answer = decide(model, case.asked, row, imputed, scores[case.identity], case.request_id, started)
        except Exception:
            return _alone(lineup, case)
        return Decided(case, answer, row)

    return [decided(case) for case in cases]


def _row(model: ServingModel, case: Case) -> tuple[list[float], list[str]] | None:
    try:
        return model.reader.row(case.asked)
    except Exception:  # alone it will show whose failure it is
        return None


def _scores(model: ServingModel, rows: list[list[float]]) -> list[float]:
    try:
        return model.packed.score_many(rows)
    except Exception:  # one of the rows has no finite answer, or the model fails: alone they show which
        return []


def _alone(lineup: Lineup, case: Case) -> Decided | Failed:
    started = time.perf_counter()

    def by(model: ServingModel) -> Decided:
        row, imputed = model.reader.row(case.asked)
        score = model.packed.score(row)
        return Decided(case, decide(model, case.asked, row, imputed, score, case.request_id, started), row)

    try:
        decided, failed = answered(lineup, case.asked, by)
    except FraudError as error:
        return Failed(case.asked.transaction_id, error)
    return msgspec.structs.replace(decided, failed=failed)
