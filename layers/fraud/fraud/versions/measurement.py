"""Measure a packed model: on the operator's evaluation set, alone and against the active one, and its speed."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from statistics import median

import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidRequestError
from fraud.scoring.packed.model import PackedModel
from fraud.scoring.risk import Thresholds
from fraud.versions.evaluation import evaluate, paired_difference
from fraud.versions.evaluation_set import EvaluationSet
from fraud.versions.measurements import Evaluation, Latency, PairedDifference

Scored = tuple[PackedModel, Thresholds]
LATENCY_SECONDS = 0.4  # for each of the two figures
SINGLE_ROWS, MANY_ROWS = 300, 1000


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


def measure_latency(
    model: PackedModel, rows: Sequence[Sequence[float]], clock: Callable[[], float] = time.perf_counter
) -> Latency:
    """The time for one of these rows and for a thousand of them (repeated when there are fewer).

    Takes less than a second, whatever the model: a slow one is timed on fewer rows, at least one for each figure.
    """
    single = [after - before for before, after in _timed(model, rows, SINGLE_ROWS, clock)]
    many = list(_timed(model, rows, MANY_ROWS, clock))
    per_row = (many[-1][1] - many[0][0]) / len(many)
    return Latency(one_row_us=median(single) * 1e6, thousand_rows_ms=per_row * 1000 * 1e3)


def _timed(
    model: PackedModel, rows: Sequence[Sequence[float]], count: int, clock: Callable[[], float]
) -> Iterator[tuple[float, float]]:
    """Begin and end of each scoring, until `count` are done or the time is over."""
    began = clock()
    for _, row in zip(range(count), cycle(rows), strict=False):
        before = clock()
        model.score(row)
        after = clock()
        yield before, after
        if after - began >= LATENCY_SECONDS:
            return


def _scores(model: PackedModel, evaluation: EvaluationSet) -> NDArray[np.float64]:
    rows = evaluation.rows_for(model.features).tolist()
    return np.array(model.score_many(rows))
