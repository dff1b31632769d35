"""What a part of the benchmarks hands in, and the page made of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

Cell = str | float | int


class Bar(NamedTuple):
    """Something promised: at least, or at most (`below`), so much of it."""

    what: str
    measured: float
    wanted: float
    unit: str = "times"
    below: bool = False

    @property
    def met(self) -> bool:
        """Whether the promise holds in this run."""
        return self.measured <= self.wanted if self.below else self.measured >= self.wanted

    def line(self) -> str:
        """A row of the table of promises."""
        sign, verdict = ("≤" if self.below else "≥"), ("met" if self.met else "**not met**")
        wanted, measured = (f"{figure(number)} {self.unit}" for number in (self.wanted, self.measured))
        return f"| {self.what} | {sign} {wanted} | {measured} | {verdict} |"


class Table(NamedTuple):
    """Named columns and rows of figures."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]

    def text(self) -> str:
        """The table in Markdown, numbers to the right."""
        align = ["---", *("---:" for _ in self.columns[1:])]
        lines = [self.columns, align, *([figure(cell) for cell in row] for row in self.rows)]
        return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


class Section(NamedTuple):
    """One part: what was done in words, tables, pictures, and the promises it judges."""

    title: str
    words: str
    tables: Sequence[Table] = ()
    bars: Sequence[Bar] = ()
    plots: Sequence[Path] = ()

    def text(self) -> str:
        """The section in Markdown."""
        pictures = [f"Plot: `{plot.parent.name}/{plot.name}`." for plot in self.plots]
        return "\n\n".join([f"## {self.title}", self.words, *(table.text() for table in self.tables), *pictures])


def figure(cell: Cell) -> str:
    """A number with three significant digits, words as they are."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.3g}"


def bars_text(bars: Sequence[Bar]) -> str:
    """The table of promises."""
    head = "| promise | wanted | measured | |\n|---|---|---|---|"
    return "\n".join([head, *(bar.line() for bar in bars)])
