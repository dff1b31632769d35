"""Measure a model on labelled rows, with bounds: numpy alone, since this runs where a drop is deployed.

Bounds are the 2.5 % and 97.5 % quantiles over stratified bootstrap resamples.
"""

import numpy as np

from fraud.errors import InvalidRequestError
from fraud.scoring.bins import counts as bins_of
from fraud.scoring.bins import logit_bin
from fraud.versions import curves, metrics
from fraud.versions.evaluation_set import EvaluationSet, load_evaluation_set
from fraud.versions.measurements import Confusion, Difference, Evaluation, PairedDifference
from fraud.versions.metrics import Flags, Floats, Integers, Labels, Metrics
from fraud.versions.resampling import Cells, Groups, Measure, bootstrap, cells, group

__all__ = ["EvaluationSet", "evaluate", "load_evaluation_set", "paired_difference", "precision_at_k"]

TOP_K = 100
LOGIT_STEP = 0.02


def evaluate(labels: Labels, scores: Floats, *, threshold: float, draws: int = 1000, seed: int = 0) -> Evaluation:
    """All metrics of `scores` (n,) in [0, 1] against `labels` (n,) of 0 and 1, with 95 % bounds.

    Raises InvalidRequestError when shapes differ, a score is no probability or a class is missing.
    """
    labels, scores = _checked(labels, scores)
    flagged, bins, cell = scores >= threshold, metrics.calibration_bins(scores), cells(labels, scores)
    groups = group(cell, labels, flagged, bins, _nearly_equal(scores))
    ordered = _ranking_measure(labels, cell, groups)
    decided = _decision_measure(labels, flagged, groups)
    calibrated = _probability_measure(labels, scores, bins, groups)

    def measure(weights: Floats) -> Metrics:
        return {**ordered(weights), **decided(weights), **calibrated(weights)}

    found = bootstrap(measure, labels, groups, draws, seed)
    return Evaluation(
        n=len(labels),
        frauds=int(labels.sum()),
        threshold=float(threshold),
        confusion=_confusion(labels, flagged),
        score_histogram=curves.histogram(scores),
        fraud_histogram=curves.histogram(scores[labels == 1]),
        precision_recall_curve=curves.precision_recall_curve(labels, scores, threshold),
        calibration=curves.calibration(labels, scores),
        precision_at_k=curves.precision_at_each_k(labels, scores),
        score_bins={str(place): n for place, n in sorted(bins_of(map(logit_bin, scores.tolist())).items())},
        draws=draws,
        bounds={name: bounds for name, (_, bounds) in found.items()},
        **{name: point for name, (point, _) in found.items()},
    )


def paired_difference(
    labels: Labels,
    scores_a: Floats,
    scores_b: Floats,
    threshold_a: float,
    threshold_b: float,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> PairedDifference:
    """F1 and average precision of `a` minus those of `b` on the same rows, both seeing the same resamples.

    Raises InvalidRequestError as `evaluate` does.
    """
    labels, scores_a = _checked(labels, scores_a)
    _, scores_b = _checked(labels, scores_b)
    cell_a, flagged_a = cells(labels, scores_a), scores_a >= threshold_a
    cell_b, flagged_b = cells(labels, scores_b), scores_b >= threshold_b
    groups = group(labels, cell_a, cell_b, flagged_a, flagged_b)
    decided = _decision_measure(labels, flagged_a, groups), _decision_measure(labels, flagged_b, groups)
    ordered = _ranking_measure(labels, cell_a, groups), _ranking_measure(labels, cell_b, groups)

    def measure(weights: Floats) -> Metrics:
        pairs = {"f1": decided, "average_precision": ordered}
        return {name: a(weights)[name] - b(weights)[name] for name, (a, b) in pairs.items()}

    found = bootstrap(measure, labels, groups, draws, seed)
    difference = {name: Difference(point, *bounds) for name, (point, bounds) in found.items()}
    return PairedDifference(n=len(labels), frauds=int(labels.sum()), draws=draws, **difference)


def precision_at_k(labels: Labels, scores: Floats, k: int) -> float:
    """Share of fraud among the k highest scores; ties across the k-th place count by expectation."""
    return curves.precision_at_k(*_checked(labels, scores), k)


def _ranking_measure(labels: Labels, cell: Integers, groups: Groups) -> Measure:
    fraud, tally = labels[groups.first].astype(np.float64), Cells(cell[groups.first])

    def measure(weights: Floats) -> Metrics:
        in_cells = tally.sums(weights * fraud), tally.sums(weights)
        return {
            "average_precision": metrics.average_precision(*in_cells),
            "roc_auc": metrics.roc_auc(*in_cells),
            f"precision_at_{TOP_K}": metrics.precision_at_k(*in_cells, TOP_K),
        }

    return measure


def _decision_measure(labels: Labels, flagged: Flags, groups: Groups) -> Measure:
    fraud, alert = labels[groups.first], flagged[groups.first]
    return lambda weights: metrics.decision_metrics(fraud, alert, weights)


def _probability_measure(labels: Labels, scores: Floats, bins: Integers, groups: Groups) -> Measure:
    """What takes scores for probabilities, of the mean row of each group."""
    error = groups.mean(metrics.squared_error(labels, scores))
    surprise = groups.mean(metrics.surprise(labels, scores))
    surplus = np.zeros((len(groups.sizes), metrics.CALIBRATION_BINS))
    surplus[np.arange(len(surplus)), bins[groups.first]] = groups.mean(labels - scores)

    def measure(weights: Floats) -> Metrics:
        rows = weights.sum(axis=1)
        return {
            "brier": weights @ error / rows,
            "log_loss": weights @ surprise / rows,
            "calibration_error": np.abs(weights @ surplus).sum(axis=1) / rows,
        }

    return measure


def _nearly_equal(scores: Floats) -> Integers:
    """A number (n,) shared by scores whose log odds differ by less than LOGIT_STEP.

    Only the spread of the probability metrics within such a group is lost, under a thousandth of their interval.
    """
    eps = np.finfo(np.float64).eps
    p = np.clip(scores, eps, 1 - eps)
    step: Integers = np.floor(np.log(p / (1 - p)) / LOGIT_STEP).astype(np.intp)
    return step - np.min(step)


def _confusion(labels: Labels, flagged: Flags) -> Confusion:
    tp, alerts, frauds = int(labels[flagged].sum()), int(flagged.sum()), int(labels.sum())
    return Confusion(tp=tp, fp=alerts - tp, fn=frauds - tp, tn=len(labels) - alerts - frauds + tp)


def _checked(labels: Labels, scores: Floats) -> tuple[Labels, Floats]:
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    if labels.ndim != 1 or labels.shape != scores.shape:
        raise _refused(f"{labels.shape} labels do not go with {scores.shape} scores")
    if not (np.isin(labels, (0, 1)).all() and 0 < labels.sum() < len(labels)):
        raise _refused("labels must be 0 and 1 and hold both")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise _refused("scores must be probabilities between 0 and 1")
    return labels.astype(np.int8), scores


def _refused(words: str) -> InvalidRequestError:
    return InvalidRequestError(words, code="invalid_evaluation")
