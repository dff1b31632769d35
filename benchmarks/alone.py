"""Scoring alone: a body in, an answer out, by the handler's own parts; nothing is admitted, recorded or logged."""

from typing import Any

import msgspec

from benchmarks.lean import Engine
from benchmarks.subject import Subject, record
from fraud.scoring import items, transaction
from fraud.scoring.schema import RowReader

THRESHOLD = 0.5


class Alone:
    """Parses, validates, scores and serialises around an engine; `explained` adds the reasons of single answers."""

    def __init__(self, engine: Engine, subject: Subject, *, explained: bool = False) -> None:
        schema = record(subject).schema
        self._engine, self._explained, self._medians = engine, explained, schema.medians
        self._reader, self._encoder = RowReader(schema), msgspec.json.Encoder()

    def one(self, body: bytes) -> bytes:
        """The answer to one transaction."""
        asked = transaction.decode(body)
        row, imputed = self._reader.row(asked)
        answer = _answer(asked.transaction_id, self._engine.score(row), imputed)
        if self._explained:
            answer["reasons"] = self._engine.explain(row, self._medians)
        return self._encoder.encode(answer)

    def many(self, body: bytes) -> bytes:
        """The answers to a batch, by one call of the engine."""
        asked = list(map(transaction.decode, items.batch(body)))
        rows, imputed = zip(*map(self._reader.row, asked), strict=True)
        scores = self._engine.score_many(rows)
        told = [_answer(one.transaction_id, *rest) for one, *rest in zip(asked, scores, imputed, strict=True)]
        return self._encoder.encode({"predictions": told})


def _answer(transaction_id: str, probability: float, imputed: list[str]) -> dict[str, Any]:
    verdict = {"is_fraud": probability >= THRESHOLD, "fraud_probability": probability}
    return {"transaction_id": transaction_id, **verdict, "imputed_features": imputed}
