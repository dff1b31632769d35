"""`make bench`: measure on this machine, print ratios, write benchmarks/results.md."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.engine import Row, speed, subjects
from benchmarks.reasons import SHAP_ROWS, Reasons, reasons
from fraud.scoring.packed.kernel import kernel

RESULTS = Path(__file__).parent / "results.md"
PAGE = """# Benchmarks

Written by `make bench` on {day}. Medians of CPU time from one run in which all engines take turns. Trust the ratios:
the microseconds are this machine's ({machine}).

## Scoring

`kernel` is the C kernel, `walker` the Python that stands in for it; `x` is how many times faster than scikit-learn. The
largest difference of a probability is over 10,000 rows. Rows are lists of Python's floats, as a request brings
them, and for scikit-learn an array made before.

{speeds}

## Reasons

For 10,000 predictions of each model: `base + Σ contributions` against `margin`, and (first {shap_rows} rows)
contributions against the `shap` package. The cost is one explanation in scorings of one row; the walker explains
against one reference row instead.

{reasons}
"""
SPEEDS = (
    *("model", "scikit-learn µs", "kernel µs", "walker µs", "scikit-learn ms, 1000 rows", "kernel ms", "walker ms"),
    "largest difference",
)
REASONS = (
    *("model", "method", "largest gap", "difference to shap", "cost", "times faster than the walker's", "than shap's"),
)


def main() -> None:
    """Run everything, showing each row as it is done."""
    console, speeds, told = Console(), [*head(SPEEDS)], [*head(REASONS)]
    if kernel() is None:
        raise SystemExit("there is no kernel to measure: `make bench` builds it")
    for subject in subjects():
        for rows, line in ((speeds, speed_line(speed(subject))), (told, reasons_line(reasons(subject)))):
            rows.append(line)
            console.print(line, soft_wrap=True)
    text = PAGE.format(
        day=datetime.now(UTC).date(),
        machine=f"{os.cpu_count()} cores, {platform.machine()}, {processor()}, Python {platform.python_version()}",
        shap_rows=SHAP_ROWS,
        speeds="\n".join(speeds),
        reasons="\n".join(told),
    )
    RESULTS.write_text(text, encoding="utf-8")
    console.print(f"written to {RESULTS.name}")


def head(columns: Sequence[str]) -> tuple[str, str]:
    """The first lines of a table."""
    return f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"


def speed_line(row: Row) -> str:
    """A row of the first table."""
    spent, cells = row.spent_us, [row.model]
    for suffix, unit in (("", 1.0), (", 1000", 1000.0)):
        theirs = spent[f"scikit-learn{suffix}"]
        cells.append(short(theirs / unit))
        for engine in ("kernel", "walker"):
            ours = spent[f"{engine}{suffix}"]
            cells.append(f"{short(ours / unit)} ({short(theirs / ours)}x)")
    return f"| {' | '.join(cells)} | {row.largest_difference:.1g} |"


def short(number: float) -> str:
    """Three digits, or all before the point."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def reasons_line(row: Reasons) -> str:
    """A row of the second table."""
    difference = "" if row.largest_difference is None else f"{row.largest_difference:.1g}"
    shap = "" if row.shap is None else f"{row.shap:.1f}x"
    numbers = f"{row.largest_gap:.1g} | {difference} | {row.cost:.0f} | {row.walker:.1f}x | {shap}"
    return f"| {row.model} | `{row.method}` | {numbers} |"


def processor() -> str:
    """The processor's name, where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "processor unknown"
    )


if __name__ == "__main__":
    main()
