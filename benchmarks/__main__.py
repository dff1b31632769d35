"""`make bench`: measure on this machine, print ratios, write benchmarks/results.md."""

import os
import platform
from pathlib import Path

from rich.console import Console

from benchmarks.engine import Row, rows

RESULTS = Path(__file__).parent / "results.md"
HEAD = """# Benchmarks

Ratios of medians from one run, both engines taking turns; CPU time of one row. Trust the ratios: the microseconds are
this machine's ({machine}).

| model | scikit-learn µs | packed µs | ratio | with reasons µs | ratio | largest difference |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Run everything, showing each row as it is done."""
    console, lines = Console(), []
    for row in rows():
        lines.append(line(row))
        console.print(lines[-1], soft_wrap=True)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    RESULTS.write_text(HEAD.format(machine=machine) + "\n".join(lines) + "\n")
    console.print(f"written to {RESULTS.name}")


def line(row: Row) -> str:
    """A row of the table."""
    scored, told = row.scikit_learn_us / row.packed_us, row.scikit_learn_us / row.explained_us
    return (
        f"| {row.model} | {row.scikit_learn_us:.0f} | {row.packed_us:.1f} | {scored:.0f}x "
        f"| {row.explained_us:.0f} | {told:.1f}x | {row.largest_difference:.1g} |"
    )


if __name__ == "__main__":
    main()
