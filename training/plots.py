"""Two pictures of a model on its validation rows. Figures are drawn by Agg: no display is needed."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve

from fraud.versions.measurements import Evaluation
from training.fit import Floats, Labels

INK, ACCENT, QUIET = "#1f3a5f", "#c8442f", "#8a8f98"
BINS = 10


def plot_precision_recall(evaluation: Evaluation, labels: Labels, scores: Floats, path: Path) -> None:
    """Precision against recall over all thresholds, with the chosen one marked."""
    figure, axes = _figure((7, 5))
    precision, recall, _ = precision_recall_curve(labels, scores)
    lower, upper = evaluation.bounds["average_precision"]
    axes.step(recall, precision, where="post", color=INK, linewidth=1.8, label="every threshold")
    axes.axhline(labels.mean(), color=QUIET, linestyle=":", label=f"guessing: precision {labels.mean():.2%}")
    axes.plot(
        evaluation.recall,
        evaluation.precision,
        "o",
        color=ACCENT,
        markersize=9,
        label=f"threshold {evaluation.threshold:.3f}: F1 {evaluation.f1:.3f}",
    )
    axes.set(xlabel="Recall (share of fraud found)", ylabel="Precision (share of alerts that are fraud)")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
    axes.set_title(
        f"Precision and recall: average precision {evaluation.average_precision:.3f}"
        f" (95 % {lower:.3f} to {upper:.3f})\n{_rows(evaluation)}"
    )
    axes.legend(loc="lower left")
    figure.savefig(path)


def plot_calibration(evaluation: Evaluation, labels: Labels, scores: Floats, path: Path) -> None:
    """Told probability against seen frequency in ten equal steps, above how many rows each step holds."""
    figure = _canvas((7, 6.5))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    step = np.minimum((scores * BINS).astype(np.intp), BINS - 1)
    rows = np.bincount(step, minlength=BINS).astype(np.float64)
    frauds = np.bincount(step, weights=labels, minlength=BINS)
    held = rows > 0
    told = np.bincount(step, weights=scores, minlength=BINS)[held] / rows[held]
    _frequencies(upper, told, frauds[held], rows[held])
    upper.set_title(
        f"Calibration: Brier {evaluation.brier:.2g}, calibration error {evaluation.calibration_error:.2g}\n"
        f"{_rows(evaluation)}"
    )
    centres = (np.arange(BINS) + 0.5) / BINS
    bars = lower.bar(centres, rows, width=0.9 / BINS, color=INK)
    lower.bar_label(bars, labels=[f"{count:,.0f}" if count else "" for count in rows], fontsize=8, padding=2)
    lower.set(yscale="log", xlabel="Told probability of fraud", ylabel="Rows", xlim=(-0.02, 1.02))
    lower.set_ylim(0.7, float(np.max(rows)) * 8)
    _quieten(lower)
    figure.savefig(path)


def _frequencies(axes: Axes, told: Floats, frauds: Floats, rows: Floats) -> None:
    seen, (low, high) = frauds / rows, wilson(frauds, rows)
    errors = np.maximum([seen - low, high - seen], 0)
    axes.plot([0, 1], [0, 1], color=QUIET, linestyle=":", label="told = seen")
    axes.errorbar(told, seen, yerr=errors, fmt="o", color=INK, ecolor=QUIET, capsize=3, label="seen, 95 % interval")
    axes.set(ylabel="Seen share of fraud", ylim=(-0.03, 1.03))
    axes.legend(loc="upper left")
    _quieten(axes)


def wilson(hits: Floats, n: Floats) -> tuple[Floats, Floats]:
    """95 % interval of a share (Wilson, JASA 1927)."""
    z = 1.959963984540054
    share, spread = hits / n, z * np.sqrt(hits * (n - hits) / n**3 + z**2 / (4 * n**2))
    middle, scale = share + z**2 / (2 * n), 1 + z**2 / n
    return (middle - spread) / scale, (middle + spread) / scale


def _figure(size: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = _canvas(size)
    axes = figure.subplots()
    _quieten(axes)
    return figure, axes


def _canvas(size: tuple[float, float]) -> Figure:
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _quieten(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)


def _rows(evaluation: Evaluation) -> str:
    return f"{evaluation.n:,} validation rows, {evaluation.frauds:,} frauds"
