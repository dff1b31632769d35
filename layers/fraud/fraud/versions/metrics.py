"""Formulas of the evaluation, each over many weightings of the same rows at once.

Weights are (d, a): how often each of `a` rows (or groups of alike rows) counts in each of `d` weightings; every
formula gives (d,) numbers. The rows as they are give the measurement, resamples of them give its bounds, both from
this code. Ties count as in scikit-learn: rows of one score enter together.

Sources: average precision = Σ (R_i − R_{i−1}) P_i (Manning et al., Introduction to Information Retrieval, 2008, §8.4);
ROC-AUC = P(score of fraud > score of other) + ½ P(equal) (Mann & Whitney 1947; Hanley & McNeil 1982);
Brier = mean (p − y)² (Brier 1950); log loss = −mean ln p(y), p clipped to [ε, 1 − ε], ε of float64;
calibration error = Σ_b (n_b/n) |mean y − mean p| over bins of equal mass (Naeini et al., AAAI 2015).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Labels = NDArray[np.int8]
Flags = NDArray[np.bool_]
Metrics = dict[str, Floats]

CALIBRATION_BINS = 10


def average_precision(fraud: Floats, rows: Floats) -> Floats:
    """Σ (R_i − R_{i−1}) P_i from the fraud and the rows in each cell (d, cells), highest score first."""
    precision = _share(np.cumsum(fraud, axis=1), np.cumsum(rows, axis=1))
    return _share((fraud * precision).sum(axis=1), fraud.sum(axis=1))


def roc_auc(fraud: Floats, rows: Floats) -> Floats:
    """Share of (fraud, other) pairs in which the fraud scores higher, equal scores counting one half."""
    other = rows - fraud
    above = np.cumsum(fraud, axis=1) - fraud
    return _share(((above + fraud / 2) * other).sum(axis=1), fraud.sum(axis=1) * other.sum(axis=1))


def precision_at_k(fraud: Floats, rows: Floats, k: int) -> Floats:
    """Share of fraud among the k highest scores (among all rows when there are fewer).

    Of rows that tie across the k-th place the expected number of frauds counts, as if they were picked blindly.
    """
    above = np.cumsum(rows, axis=1) - rows
    taken = np.clip(k - above, 0, rows)
    return _share((taken * _share(fraud, rows)).sum(axis=1), np.minimum(k, rows.sum(axis=1)))


def decision_metrics(labels: Labels, flagged: Flags, weights: Floats) -> Metrics:
    """Precision, recall and F1 = 2tp / (2tp + fp + fn) of the flagged rows; 0 where undefined."""
    tp = weights @ (labels * flagged).astype(np.float64)
    fn = weights @ (labels * ~flagged).astype(np.float64)
    fp = weights @ ((1 - labels) * flagged).astype(np.float64)
    return {
        "f1": _share(2 * tp, 2 * tp + fp + fn),
        "precision": _share(tp, tp + fp),
        "recall": _share(tp, tp + fn),
    }


def squared_error(labels: Labels, scores: Floats) -> Floats:
    """(p − y)² of each row; its mean is the Brier score."""
    return (scores - labels) ** 2


def surprise(labels: Labels, scores: Floats) -> Floats:
    """−ln of the probability each row gave to what happened; its mean is the log loss."""
    eps = np.finfo(np.float64).eps
    return -np.log(np.clip(np.where(labels == 1, scores, 1 - scores), eps, 1 - eps))


def calibration_bins(scores: Floats) -> Integers:
    """The equal-mass bin (n,) of each row, highest scores first.

    Equal scores share the bin of the first of them, so the order of rows does not matter.
    """
    _, run, size = np.unique(-scores, return_inverse=True, return_counts=True)
    first = np.cumsum(size) - size
    return (first * CALIBRATION_BINS // len(scores))[run]


def _share(part: Floats, whole: Floats) -> Floats:
    """part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
