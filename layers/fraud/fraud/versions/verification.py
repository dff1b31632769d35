"""The trusted side believes nothing `pack` says: the packed model is validated and its answers are checked here."""

from collections.abc import Sequence

from fraud.errors import InvalidArtefactError
from fraud.scoring.packed.model import PackedModel

MINIMUM_GOLDEN_ROWS = 200
Rows = Sequence[Sequence[float]]


def verify(packed: bytes, rows: Rows, answers: Sequence[float]) -> PackedModel:
    """The packed model, once its structure is valid and it answers every golden row as scikit-learn did.

    Twice, finite, within [0, 1], not constant, and equal to the source model: bit for bit where the arithmetic is the
    same (`parity_tolerance` 0: trees and forests), else within the model's tolerance (1e-12).
    Raises InvalidPackedModelError for a structure that is not allowed, InvalidArtefactError for wrong answers.
    """
    model = PackedModel.from_bytes(packed)
    _check_golden(rows, answers, model.n_features)
    scores = [model.score(row) for row in rows]
    if scores != [model.score(row) for row in rows]:
        raise InvalidArtefactError("the packed model answers the same row differently when asked twice")
    if not all(0.0 <= score <= 1.0 for score in scores):
        raise InvalidArtefactError("the packed model gives answers that are not probabilities")
    if len(set(scores)) == 1:
        raise InvalidArtefactError(f"the model answers {scores[0]:.6g} whatever the row: it has learnt nothing")
    _check_parity(scores, answers, model.parity_tolerance)
    return model


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
