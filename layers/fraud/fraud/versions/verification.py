"""The trusted side believes nothing `pack` says: the packed model is validated and its answers are checked here."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from fraud.errors import InvalidArtefactError, InvalidRequestError
from fraud.scoring.packed.model import PackedModel

MINIMUM_GOLDEN_ROWS = 200
MAX_MODEL_BYTES = 50 * 1024 * 1024
MAX_ROW_SECONDS = 0.05  # for the median row
MAX_SECONDS = 20.0  # for all reference rows
Rows = Sequence[Sequence[float]]


def verify(
    packed: bytes, rows: Rows, answers: Sequence[float], *, clock: Callable[[], float] = time.perf_counter
) -> PackedModel:
    """The packed model, once its structure is valid and it answers every golden row as scikit-learn did.

    Within the budget of bytes and time a model has where it serves, even without the kernel; by both engines; finite,
    within [0, 1], not constant, and equal to the source model: bit for bit where the arithmetic is the same
    (`parity_tolerance` 0: trees and forests), else within the model's tolerance (1e-12).
    Raises InvalidPackedModelError for a structure that is not allowed, InvalidArtefactError for wrong answers and,
    with the numbers, for a model over the budget.
    """
    if len(packed) > MAX_MODEL_BYTES:
        raise InvalidArtefactError(f"the packed model has {len(packed)} bytes, {MAX_MODEL_BYTES} are allowed")
    model, walker = PackedModel.from_bytes(packed), PackedModel.from_bytes(packed, "walker")
    _check_golden(rows, answers, model.n_features)
    scores = _scored_in_time(walker, rows, clock)
    if scores != model.score_many(rows):
        raise InvalidArtefactError("the kernel and the walker answer the same row differently")
    if not all(0.0 <= score <= 1.0 for score in scores):
        raise InvalidArtefactError("the packed model gives answers that are not probabilities")
    if len(set(scores)) == 1:
        raise InvalidArtefactError(f"the model answers {scores[0]:.6g} whatever the row: it has learnt nothing")
    _check_parity(scores, answers, model.parity_tolerance)
    return model


def _scored_in_time(model: PackedModel, rows: Rows, clock: Callable[[], float]) -> list[float]:
    """The answers; refused as soon as the time is used up, so that no model can hold up the function."""
    scores, seconds, began = [], [], clock()
    for row in rows:
        before = clock()
        scores.append(_score(model, row))
        after = clock()
        seconds.append(after - before)
        if after - began > MAX_SECONDS:
            raise InvalidArtefactError(
                f"scoring {len(scores)} of {len(rows)} reference rows took {after - began:.1f} s,"
                f" {MAX_SECONDS:g} s are allowed for all of them"
            )
    if median(seconds) > MAX_ROW_SECONDS:
        raise InvalidArtefactError(
            f"the median row takes {median(seconds) * 1e3:.1f} ms to score, {MAX_ROW_SECONDS * 1e3:g} ms are allowed"
        )
    return scores


def _score(model: PackedModel, row: Sequence[float]) -> float:
    try:
        return model.score(row)
    except InvalidRequestError as exc:  # of a transaction the caller's fault, of a reference row the model's
        raise InvalidArtefactError("the packed model has no finite answer to a reference row") from exc


def _check_golden(rows: Rows, answers: Sequence[float], width: int) -> None:
    if len(rows) < MINIMUM_GOLDEN_ROWS or len(rows) != len(answers):
        raise InvalidArtefactError(
            f"{len(rows)} reference rows with {len(answers)} answers: {MINIMUM_GOLDEN_ROWS} needed"
        )
    if any(len(row) != width for row in rows):
        raise InvalidArtefactError(f"reference rows do not have the model's {width} columns")


def _check_parity(scores: Sequence[float], answers: Sequence[float], tolerance: float) -> None:
    # not <=, so that NaN answers fail too
    off = [
        index
        for index, (ours, theirs) in enumerate(zip(scores, answers, strict=True))
        if not abs(ours - theirs) <= tolerance
    ]
    if off:
        worst = max(abs(scores[index] - answers[index]) for index in off)
        raise InvalidArtefactError(
            f"{len(off)} of {len(scores)} reference answers differ from the source model's by up to {worst:.3g}"
            f" (allowed {tolerance:g})"
        )
