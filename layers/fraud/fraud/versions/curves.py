"""Curves of an evaluation, thinned to what a record can hold: numpy, like the metrics they go with."""

import numpy as np

from fraud.versions import metrics
from fraud.versions.measurements import CalibrationBin, CurvePoint
from fraud.versions.metrics import Floats, Integers, Labels
from fraud.versions.resampling import Cells, cells

MAX_POINTS = 60
HISTOGRAM_BINS = 20
TOP = (10, 50, 100, 500)


def precision_recall_curve(labels: Labels, scores: Floats, threshold: float) -> tuple[CurvePoint, ...]:
    """At most MAX_POINTS points of the curve, by rising recall; the operating point is one when anything is flagged.

    The corners, where a fraud is found, carry the whole curve (between them precision only falls). Of many corners
    those are kept that cut its length, the sum of all steps in recall and in precision, into equal parts, so that no
    jump of either is skipped; the first and the last are always among them.
    """
    values, run, rows = np.unique(-scores, return_inverse=True, return_counts=True)
    fraud = np.bincount(run, weights=labels)
    found, flagged = np.cumsum(fraud), np.cumsum(rows)
    precision, recall = found / flagged, found / found[-1]
    corners = np.flatnonzero(fraud)
    kept = corners[_evenly_along(recall[corners], precision[corners], MAX_POINTS - 1)]
    operating = np.flatnonzero(-values >= threshold)[-1:]
    return tuple(
        CurvePoint(threshold=float(-values[index]), precision=float(precision[index]), recall=float(recall[index]))
        for index in np.union1d(kept, operating)
    )


def calibration(labels: Labels, scores: Floats) -> tuple[CalibrationBin, ...]:
    """Told and seen frequency in bins of equal mass, highest scores first; the bins of `calibration_error`."""
    bins = metrics.calibration_bins(scores)
    rows = np.bincount(bins)
    told, frauds = np.bincount(bins, weights=scores), np.bincount(bins, weights=labels)
    return tuple(
        CalibrationBin(mean_score=float(told[b] / rows[b]), fraud_share=float(frauds[b] / rows[b]), n=int(rows[b]))
        for b in np.flatnonzero(rows)
    )


def precision_at_each_k(labels: Labels, scores: Floats) -> dict[str, float]:
    """The share of fraud among the k highest scores, for each k of TOP that does not exceed the number of rows."""
    return {str(k): precision_at_k(labels, scores, k) for k in TOP if k <= len(labels)}


def precision_at_k(labels: Labels, scores: Floats, k: int) -> float:
    """Share of fraud among the k highest scores; ties across the k-th place count by expectation."""
    cell = Cells(cells(labels, scores))
    ones = np.ones((1, len(labels)))
    return float(metrics.precision_at_k(cell.sums(ones * labels), cell.sums(ones), k)[0])


def histogram(scores: Floats) -> tuple[int, ...]:
    """How many scores lie in each of 20 equal bins of [0, 1]; the last one holds 1 too."""
    return tuple(np.histogram(scores, bins=HISTOGRAM_BINS, range=(0.0, 1.0))[0].tolist())


def _evenly_along(recall: Floats, precision: Floats, points: int) -> Integers:
    """Indices of at most `points` corners, about equally far from each other along the curve."""
    if len(recall) <= points:
        return np.arange(len(recall))
    steps = np.abs(np.diff(recall)) + np.abs(np.diff(precision))
    along = np.concatenate(([0.0], np.cumsum(steps)))
    return np.unique(np.searchsorted(along, np.linspace(0, along[-1], points)))
