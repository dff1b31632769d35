"""The three charts of a card, drawn from an evaluation as inline SVG."""

from collections.abc import Callable, Iterator
from math import floor, log10, sqrt

from fraud.versions.card.figures import count, number, share
from fraud.versions.card.parts import PictureName
from fraud.versions.card.plot import (
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
    at = x_pixel(measured.recall), y_pixel(measured.precision)
    marks = [
        line(x_pixel(0), y_pixel(guess), x_pixel(1), y_pixel(guess), "reference"),
        _note(x_pixel(0) + 8, y_pixel(guess) - 6, f"guessing: {share(guess)}", "start"),
        path(_steps(measured), "curve"),
        element("circle", cx=at[0], cy=at[1], r=6, class_="point"),
        *_operating_words(measured, at),
    ]
    title = f"Precision and recall, average precision {number(measured.average_precision)}"
    summary = (
        f"At the threshold {number(measured.threshold)} precision is {number(measured.precision)} and recall "
        f"{number(measured.recall)}."
    )
    frame = axes(
        "Recall: share of fraud found", FIFTHS, linear, "Precision: share of alerts that are fraud", FIFTHS, linear
    )
    return chart("precision-recall", title, summary, frame, marks)


def calibration(measured: Evaluation) -> str:
    """Seen share of fraud against the told probability, both axes logarithmic, with 95 % intervals."""
    bins = measured.calibration
    lowest = _lowest(bins)
    scale = logarithmic(lowest, 1.0)
    ticks = [(10.0**power, share(10.0**power)) for power in range(round(log10(lowest)), 1)]
    marks = [line(x_pixel(0), y_pixel(0), x_pixel(1), y_pixel(1), "reference")]
    for one in bins:
        low, high = wilson(one.fraud_share, one.n)
        x = x_pixel(scale(one.mean_score))
        marks.append(line(x, y_pixel(scale(low)), x, y_pixel(scale(high)), "interval"))
        hollow = "point hollow" if one.fraud_share == 0 else "point quiet"
        marks.append(element("circle", cx=x, cy=y_pixel(scale(one.fraud_share)), r=5, class_=hollow))
    marks.append(_note(x_pixel(1) - 8, y_pixel(0) - 28, "dotted: told = seen; bars: 95 % intervals", "end"))
    marks.append(_note(x_pixel(1) - 8, y_pixel(0) - 10, f"hollow: no fraud seen, shown at {share(lowest)}", "end"))
    title = f"Calibration, error {number(measured.calibration_error)}"
    summary = f"{len(bins)} bins of equal mass; scores below {share(lowest)} stand at the left edge."
    frame = axes("Probability told (mean of a bin)", ticks, scale, "Share of fraud seen", ticks, scale)
    return chart("calibration", title, summary, frame, marks)


def scores(measured: Evaluation) -> str:
    """How many legitimate rows and frauds score what, on a logarithmic scale, with the threshold."""
    highest = 10.0 ** floor(log10(max(measured.score_histogram)) + 1)
    height = logarithmic(HALF_A_ROW, highest)
    ticks = [(10.0**power, count(10.0**power)) for power in range(round(log10(highest)) + 1)]
    at = x_pixel(measured.threshold)
    side, anchor = (-6, "end") if measured.threshold > 0.5 else (6, "start")
    marks = [
        *_bars(measured, height),
        line(at, y_pixel(0), at, y_pixel(1), "threshold"),
        _note(at + side, y_pixel(1) + 14, f"threshold {number(measured.threshold)}", anchor),
        *_legend(bool(measured.fraud_histogram)),
    ]
    summary = f"{count(measured.n)} rows in {len(measured.score_histogram)} bins of equal width."
    frame = axes("Score: told probability of fraud", FIFTHS, linear, "Rows (logarithmic)", ticks, height)
    return chart("scores", f"Scores of {count(measured.n)} rows", summary, frame, marks)


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


def _operating_words(measured: Evaluation, at: tuple[float, float]) -> Iterator[str]:
    """Below and left of the point, where a useful curve leaves room; above it or to its right near the edges."""
    x, y = at
    side, anchor = (-12, "end") if measured.recall > 0.5 else (12, "start")
    lower = y + 24 if measured.precision > 0.3 else y - 42
    yield _note(x + side, lower, f"threshold {number(measured.threshold)}, F1 {number(measured.f1)}", anchor)
    words = f"precision {number(measured.precision)}, recall {number(measured.recall)}"
    yield _note(x + side, lower + 17, words, anchor)


def _lowest(bins: tuple[CalibrationBin, ...]) -> float:
    """The power of ten below everything that is above zero."""
    positive = [value for one in bins for value in (one.mean_score, one.fraud_share) if value > 0]
    return 10.0 ** floor(log10(max(min([*positive, 0.09]), LOWEST_SHARE)) + 1e-9)


def _bars(measured: Evaluation, height: Callable[[float], float]) -> Iterator[str]:
    """Two bars a bin, side by side: stacked ones lie on a logarithmic scale."""
    bins = len(measured.score_histogram)
    frauds = measured.fraud_histogram or (0,) * bins
    half = (x_pixel(1) - x_pixel(0)) / bins / 2 - 1
    for index, (rows, fraud) in enumerate(zip(measured.score_histogram, frauds, strict=True)):
        for place, (number_of, kind) in enumerate(((rows - fraud, "legitimate"), (fraud, "fraud"))):
            if number_of:
                top = y_pixel(height(number_of))
                x = x_pixel(index / bins) + 1 + place * half
                yield element("rect", x=x, y=top, width=half, height=y_pixel(0) - top, class_=kind)


def _legend(with_fraud: bool) -> Iterator[str]:
    kinds = (("legitimate", "legitimate"), ("fraud", "fraud")) if with_fraud else (("legitimate", "all rows"),)
    for place, (kind, words) in enumerate(kinds):
        x = x_pixel(1) - 190 + place * 110
        yield element("rect", x=x, y=14, width=11, height=11, class_=kind)
        yield element("text", words, x=x + 16, y=24, class_="tick")


def _note(x: float, y: float, words: str, anchor: str) -> str:
    return element("text", words, x=x, y=y, class_=f"note {anchor}")
