"""The three charts of a card, drawn from an evaluation as inline SVG."""

from collections.abc import Callable, Iterator
from math import floor, log10, sqrt

from fraud.versions.card.figures import count, number, share
from fraud.versions.card.parts import PictureName
from fraud.versions.card.plot import (
    Key,
    Scale,
    axes,
    chart,
    element,
    line,
    linear,
    logarithmic,
    path,
    x_pixel,
    y_pixel,
)
from fraud.versions.measurements import CalibrationBin, Evaluation

FIFTHS = [(step / 5, f"{step / 5:g}") for step in range(6)]
LOWEST_SHARE = 1e-6
HALF_A_ROW = 0.5  # so that a bar of one row has a height on a logarithmic scale


def precision_recall(measured: Evaluation) -> str:
    """Precision against recall in steps, as average precision adds them up; the operating point on it."""
    guess = measured.frauds / measured.n
    chosen = (
        f"threshold {number(measured.threshold)}: precision {number(measured.precision)}, "
        f"recall {number(measured.recall)}"
    )
    marks = [
        line(x_pixel(0), y_pixel(guess), x_pixel(1), y_pixel(guess), "reference"),
        path(_steps(measured), "curve"),
        element("circle", cx=x_pixel(measured.recall), cy=y_pixel(measured.precision), r=6, class_="point"),
    ]
    return chart(
        "precision-recall",
        f"Precision and recall, average precision {number(measured.average_precision)}",
        (Key("point", chosen), Key("reference", f"guessing: {share(guess)}")),
        axes(
            "Recall: share of fraud found", FIFTHS, linear, "Precision: share of alerts that are fraud", FIFTHS, linear
        ),
        marks,
    )


def calibration(measured: Evaluation) -> str:
    """Seen share of fraud against the told probability, both axes logarithmic, with 95 % intervals."""
    lowest = _lowest(measured.calibration)
    scale = logarithmic(lowest, 1.0)
    ticks = [(10.0**power, share(10.0**power)) for power in range(round(log10(lowest)), 1)]
    diagonal = line(x_pixel(0), y_pixel(0), x_pixel(1), y_pixel(1), "reference")
    return chart(
        "calibration",
        f"Calibration, error {number(measured.calibration_error)}",
        (
            Key("reference", "told = seen"),
            Key("interval", "95 % interval"),
            Key("hollow", "no fraud seen, shown at the edge"),
        ),
        axes("Probability told (mean of a bin)", ticks, scale, "Share of fraud seen", ticks, scale),
        [diagonal, *(mark for one in measured.calibration for mark in _seen(one, scale))],
    )


def scores(measured: Evaluation) -> str:
    """How many legitimate rows and frauds score what, on a logarithmic scale, with the threshold."""
    highest = 10.0 ** floor(log10(max(measured.score_histogram)) + 1)
    height = logarithmic(HALF_A_ROW, highest)
    ticks = [(10.0**power, count(10.0**power)) for power in range(round(log10(highest)) + 1)]
    kinds = (
        [("legitimate", "legitimate"), ("fraud", "fraud")] if measured.fraud_histogram else [("legitimate", "all rows")]
    )
    at = x_pixel(measured.threshold)
    return chart(
        "scores",
        f"Scores of {count(measured.n)} rows",
        (*(Key(kind, words) for kind, words in kinds), Key("threshold", f"threshold {number(measured.threshold)}")),
        axes("Score: told probability of fraud", FIFTHS, linear, "Rows, logarithmic", ticks, height),
        [*_bars(measured, height), line(at, y_pixel(0), at, y_pixel(1), "threshold")],
    )


CHARTS: dict[PictureName, Callable[[Evaluation], str]] = {
    "precision_recall": precision_recall,
    "calibration": calibration,
    "scores": scores,
}


def wilson(seen: float, n: int) -> tuple[float, float]:
    """95 % interval of a share seen in n rows (Wilson, JASA 1927)."""
    z = 1.959963984540054
    middle, spread = seen + z**2 / (2 * n), z * sqrt(seen * (1 - seen) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return (middle - spread) / scale, (middle + spread) / scale


def _steps(measured: Evaluation) -> Iterator[tuple[float, float]]:
    before = 0.0
    for point in measured.precision_recall_curve:
        y = y_pixel(point.precision)
        yield x_pixel(before), y
        yield x_pixel(point.recall), y
        before = point.recall


def _seen(one: CalibrationBin, scale: Scale) -> Iterator[str]:
    x, (low, high) = x_pixel(scale(one.mean_score)), wilson(one.fraud_share, one.n)
    yield line(x, y_pixel(scale(low)), x, y_pixel(scale(high)), "interval")
    kind = "seen" if one.fraud_share else "hollow"
    yield element("circle", cx=x, cy=y_pixel(scale(one.fraud_share)), r=5, class_=kind)


def _lowest(bins: tuple[CalibrationBin, ...]) -> float:
    """The power of ten below everything that is above zero."""
    positive = [value for one in bins for value in (one.mean_score, one.fraud_share) if value > 0]
    return 10.0 ** floor(log10(max(min([*positive, 0.09]), LOWEST_SHARE)) + 1e-9)


def _bars(measured: Evaluation, height: Scale) -> Iterator[str]:
    """Two bars a bin, side by side: stacked ones lie on a logarithmic scale."""
    bins = len(measured.score_histogram)
    frauds = measured.fraud_histogram or (0,) * bins
    half = (x_pixel(1) - x_pixel(0)) / bins / 2 - 1
    for index, (rows, fraud) in enumerate(zip(measured.score_histogram, frauds, strict=True)):
        for place, (held, kind) in enumerate(((rows - fraud, "legitimate"), (fraud, "fraud"))):
            if held:
                top, left = y_pixel(height(held)), x_pixel(index / bins) + 1 + place * half
                yield element("rect", x=left, y=top, width=half, height=y_pixel(0) - top, class_=kind)
