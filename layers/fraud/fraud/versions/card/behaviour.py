"""What a version does at its threshold and beyond: decisions, ranking, calibration, the spread of scores, speed."""

from fraud.versions.card.facts import Facts
from fraud.versions.card.figures import count, number, share
from fraud.versions.card.parts import Grid, Picture, Section, Words
from fraud.versions.measurements import Evaluation, Latency


def sections(facts: Facts, measured: Evaluation) -> tuple[Section, ...]:
    """Threshold, curve, highest scores, calibration and scores; what an older record lacks is left out."""
    found = [
        _threshold(facts, measured),
        _curve(measured) if measured.precision_recall_curve else None,
        _highest_scores(measured) if measured.precision_at_k else None,
        _calibration(measured) if measured.calibration else None,
        _scores(measured),
    ]
    return tuple(one for one in found if one)


def latency(found: Latency) -> Section:
    """How long scoring takes."""
    words = Words(("Scoring alone, in pure Python, on the machine that verified the version:",))
    rows = (
        ("One row, median", f"{found.one_row_us:.1f} µs"),
        ("A thousand rows", f"{found.thousand_rows_ms:.1f} ms"),
    )
    return Section("Latency", (words, Grid(("", ""), rows, range(1, 2))))


def _threshold(facts: Facts, measured: Evaluation) -> Section:
    at, seen = facts.thresholds, measured.confusion
    alerts = seen.tp + seen.fp
    words = Words(
        (
            f"A transaction counts as fraud from a probability of {number(at.decision)} on; from {number(at.block)} on "
            "the advice is to block it.",
            f"On the evaluation set {count(alerts)} of {count(measured.n)} rows are flagged "
            f"({share(alerts / measured.n)}).",
        )
    )
    rows = (
        ("Fraud", count(seen.tp), count(seen.fn), count(seen.tp + seen.fn)),
        ("Legitimate", count(seen.fp), count(seen.tn), count(seen.fp + seen.tn)),
        ("Together", count(alerts), count(seen.fn + seen.tn), count(measured.n)),
    )
    grid = Grid(("", "Flagged", "Passed", "Together"), rows, range(1, 4))
    return Section("Decision threshold and confusion matrix", (words, grid))


def _curve(measured: Evaluation) -> Section:
    points = measured.precision_recall_curve
    rows = tuple((number(one.threshold), number(one.precision), number(one.recall)) for one in points)
    words = Words((f"{len(points)} points of the curve; each is a threshold this version could have.",))
    behind = Grid(("Threshold", "Precision", "Recall"), rows, range(3))
    return Section("Precision and recall at other thresholds", (words, Picture("precision_recall", behind)))


def _highest_scores(measured: Evaluation) -> Section:
    words = Words(("The share of fraud among the rows that score highest: what a team finds that looks at k cases.",))
    rows = tuple((k, number(value), count(float(k) * value)) for k, value in measured.precision_at_k.items())
    return Section("Highest scores", (words, Grid(("k", "Precision at k", "Frauds"), rows, range(3))))


def _calibration(measured: Evaluation) -> Section:
    words = Words(
        (
            "Rows ordered by score and cut into bins of equal mass; the calibration error is the gap between told and "
            f"seen, averaged over all rows: {number(measured.calibration_error)}.",
        )
    )
    rows = tuple(
        (number(one.mean_score), number(one.fraud_share), count(one.n), count(one.fraud_share * one.n))
        for one in measured.calibration
    )
    grid = Grid(("Mean score told", "Share of fraud seen", "Rows", "Frauds"), rows, range(4))
    return Section("Calibration", (words, Picture("calibration", grid)))


def _scores(measured: Evaluation) -> Section:
    bins = len(measured.score_histogram)
    frauds = tuple(map(count, measured.fraud_histogram)) or ("",) * bins
    rows = tuple(
        (f"{index / bins:.2f} to {(index + 1) / bins:.2f}", count(rows), fraud)
        for index, (rows, fraud) in enumerate(zip(measured.score_histogram, frauds, strict=True))
    )
    words = Words(("How many rows of the evaluation set score what.",))
    return Section("Scores", (words, Picture("scores", Grid(("Score", "Rows", "Frauds"), rows, range(1, 3)))))
