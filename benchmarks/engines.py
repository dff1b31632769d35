"""The engines alone, and what reasons cost: every model, one row and a thousand."""

from benchmarks.engine import Row, speed, subjects
from benchmarks.reasons import SHAP_ROWS, Reasons, reasons
from benchmarks.report import Bar, Cell, Section, Table
from fraud.scoring.packed.kernel import kernel

FOREST, SHALLOW, BOOSTED = "RandomForest, 100 trees", "RandomForest, 200 trees of depth 6", "HistGradientBoosting"
WORDS = f"""Microseconds of CPU, and how many times faster than scikit-learn. `kernel` is the C kernel, `walker` the
Python that stands in for it. The largest difference of a probability is over 10,000 rows. Rows are lists of Python's
floats, as a request brings them, and for scikit-learn an array made before. Reasons: 10,000 explained predictions of
each model, `base + Σ contributions` against `margin`, and (first {SHAP_ROWS} rows) contributions against the `shap`
package. `cost` is one explanation in scorings of one row; the walker explains against one reference row instead."""
SPEEDS = (
    *("model", "scikit-learn µs", "kernel µs", "walker µs", "scikit-learn ms, 1,000 rows", "kernel ms", "walker ms"),
    "largest difference",
)
REASONS = (
    *("model", "method", "largest gap", "difference to shap", "cost", "times faster than the walker's", "than shap's"),
)


def measure() -> Section:
    """Both tables and the promises about engines."""
    if kernel() is None:
        raise SystemExit("there is no kernel to measure: `make bench` builds it")
    measured = [(speed(subject), reasons(subject)) for subject in subjects()]
    tables = [
        Table(SPEEDS, [speed_cells(row) for row, _ in measured]),
        Table(REASONS, [reasons_cells(told) for _, told in measured]),
    ]
    return Section("Engines and reasons", WORDS, tables, _bars(measured))


def speed_cells(row: Row) -> list[Cell]:
    """A row of the first table."""
    cells: list[Cell] = [row.model]
    for suffix, unit in (("", 1.0), (", 1000", 1000.0)):
        theirs = row.spent_us[f"scikit-learn{suffix}"]
        cells.append(theirs / unit)
        for engine in ("kernel", "walker"):
            ours = row.spent_us[f"{engine}{suffix}"]
            cells.append(f"{ours / unit:.3g} ({theirs / ours:.3g}x)")
    return [*cells, row.largest_difference]


def reasons_cells(told: Reasons) -> list[Cell]:
    """A row of the second table."""
    difference = "" if told.largest_difference is None else told.largest_difference
    shap = "" if told.shap is None else told.shap
    return [told.model, f"`{told.method}`", told.largest_gap, difference, told.cost, told.walker, shap]


def _bars(measured: list[tuple[Row, Reasons]]) -> list[Bar]:
    bars = []
    for row, told in measured:
        ratio = row.spent_us["scikit-learn"] / row.spent_us["kernel"]
        if row.model == FOREST:
            bars.append(Bar(f"engine alone, scikit-learn / kernel, {row.model}", ratio, 200))
        if row.model.startswith(BOOSTED):
            bars.append(Bar(f"engine alone, scikit-learn / kernel, {row.model}", ratio, 60))
        if row.model == SHALLOW:
            took = told.cost * row.spent_us["kernel"]
            bars.append(Bar(f"TreeSHAP of one row, {row.model}", took, 1000, "µs", below=True))
            bars += [] if told.shap is None else [Bar(f"TreeSHAP, shap / kernel, {row.model}", told.shap, 3)]
    return bars
