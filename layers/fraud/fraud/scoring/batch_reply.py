"""The answer to a batch: predictions in the order of the input, and an error for each item without one."""

import json
import time

import msgspec

from fraud.clock import ulid
from fraud.errors import FraudError, TooLargeError
from fraud.scoring import items
from fraud.scoring.batch import BatchScorer
from fraud.scoring.cases import Asked, Failed
from fraud.scoring.prediction import Prediction, unexplained

DETAILS_SHOWN = 10
LAMBDA_REPLY_BYTES = 5_900_000
"""Lambda answers with at most 6 MB (6,291,556 bytes), the body as a JSON string inside; the rest is headers."""


class ItemError(msgspec.Struct, frozen=True):
    """What `POST /predict` would have said of this item."""

    code: str
    message: str
    details: list[dict[str, str]]


class FailedItem(msgspec.Struct, frozen=True):
    """Where the item stands in the input, which transaction it is if that could be read, and why it has no answer."""

    index: int
    transaction_id: str | None
    error: ItemError


class BatchReply(msgspec.Struct, frozen=True):
    """What became of a batch; `success_rate` is the answered share of its items, 0 to 1."""

    batch_id: str
    predictions: list[Prediction]
    errors: list[FailedItem]
    total_processing_time_ms: float
    success_rate: float

    @property
    def status(self) -> int:
        """200, or 207 when any item failed."""
        return 207 if self.errors else 200


def reply_to(scorer: BatchScorer, body: bytes, request_id: str, *, rescore: bool) -> BatchReply:
    """Score the items of one request body.

    Raises as `items.batch` and `BatchScorer.answers` do; such a refusal of the whole is recorded too.
    """
    started, failure_id = time.perf_counter(), ulid()
    try:
        asked = [Asked(one, request_id, f"{failure_id}-{index}") for index, one in enumerate(items.batch(body))]
        outcomes = scorer.answers(asked, rescore=rescore)
    except FraudError as error:
        scorer.refused(error, Asked(body, request_id, failure_id))
        raise
    predictions = [one for one in outcomes if isinstance(one, Prediction)]
    return BatchReply(
        batch_id=ulid(),
        predictions=predictions,
        errors=[_failed(index, one) for index, one in enumerate(outcomes) if isinstance(one, Failed)],
        total_processing_time_ms=round((time.perf_counter() - started) * 1000.0, 3),
        success_rate=len(predictions) / len(outcomes),
    )


def encoded(reply: BatchReply, *, explain: bool) -> msgspec.Raw:
    """The reply as JSON that Lambda can carry: explanations give way when they do not fit.

    Raises TooLargeError when even that does not; what was answered is on record and given again to smaller batches.
    """
    for shown in (reply, _unexplained(reply)) if explain else (_unexplained(reply),):
        text = msgspec.json.encode(shown)
        if len(json.dumps(text.decode())) <= LAMBDA_REPLY_BYTES:
            return msgspec.Raw(text)
    raise TooLargeError("the answers exceed the 6 MB one reply can hold: send fewer transactions at once")


def _unexplained(reply: BatchReply) -> BatchReply:
    return msgspec.structs.replace(reply, predictions=list(map(unexplained, reply.predictions)))


def _failed(index: int, failed: Failed) -> FailedItem:
    error = failed.error
    told = ItemError(error.code, error.message, list(error.details[:DETAILS_SHOWN]))
    return FailedItem(index, failed.transaction_id, told)
