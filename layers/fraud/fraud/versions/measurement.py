"""Measure a packed model on the operator's evaluation set, alone and against the active one."""

import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidRequestError
from fraud.scoring.packed.model import PackedModel
from fraud.scoring.risk import Thresholds
from fraud.versions.evaluation import evaluate, paired_difference
from fraud.versions.evaluation_set import EvaluationSet
from fraud.versions.measurements import Evaluation, PairedDifference

Scored = tuple[PackedModel, Thresholds]


def measure(
    candidate: Scored, evaluation: EvaluationSet, active: Scored | None
) -> tuple[Evaluation, PairedDifference | None]:
    """The candidate's measurements, and its paired difference to the active version on the same rows.

    Raises InvalidRequestError when the set lacks one of the candidate's columns; an active version that cannot be
    measured on it is left out.
    """
    model, thresholds = candidate
    scores = _scores(model, evaluation)
    measured = evaluate(evaluation.y, scores, threshold=thresholds.decision)
    if active is None:
        return measured, None
    try:
        others = _scores(active[0], evaluation)
    except InvalidRequestError:
        return measured, None
    paired = paired_difference(
        evaluation.y, scores, others, threshold_a=thresholds.decision, threshold_b=active[1].decision
    )
    return measured, paired


def _scores(model: PackedModel, evaluation: EvaluationSet) -> NDArray[np.float64]:
    rows = evaluation.rows_for(model.features).tolist()
    return np.array([model.score(row) for row in rows])
