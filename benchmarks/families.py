"""`python -m benchmarks.families`: measure every family on 20,000 rows and write the table into README.md.

LightGBM and XGBoost are asked themselves, so both must be installed: `uv sync --group oracles`.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
from rich.console import Console
from threadpoolctl import threadpool_limits

from benchmarks.family_cases import CASES, REFUSED, frozen
from benchmarks.family_models import Case, draw
from benchmarks.parity import Parity, parity

PAGE = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- written by python -m benchmarks.families -->", "<!-- end of the families -->"
ROWS, TRAINING_ROWS = 20_000, 3000
ROUNDS, FAST, SLOW = 9, 200, 5
COLUMNS = ("family", "measured as", "packs", "largest difference", "decisions flipped", "1 row, times the source")
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def main() -> None:
    """Measure, show each row as it is done, and put the table into the page."""
    console = Console()
    lines = [HEAD]
    with threadpool_limits(1), joblib.parallel_config(backend="sequential"):
        for line in lines_measured():
            console.print(line, soft_wrap=True)
            lines.append(line)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")
    console.print(f"written to {PAGE.name}")


def lines_measured() -> Iterator[str]:
    """The rows of the table."""
    X, y = draw(0, TRAINING_ROWS)
    for case in sorted((*CASES, frozen(X, y)), key=lambda case: (case.family, case.model)):
        yield _line(case, *_measured(case))
    for family in REFUSED:
        yield f"| {family} | | no, refused by name | | | |"


def _measured(case: Case) -> tuple[Parity, float]:
    source = case.fit(*draw(0, TRAINING_ROWS))
    found = parity(source, ROWS)
    one, row = found.rows[:1], found.rows[0].tolist()
    spent: dict[str, list[float]] = {"source": [], "packed": []}
    for _ in range(ROUNDS):
        spent["source"].append(_cpu(lambda: source.answers(one), SLOW))
        spent["packed"].append(_cpu(lambda: found.packed.score(row), FAST))
    return found, statistics.median(spent["source"]) / statistics.median(spent["packed"])


def _line(case: Case, found: Parity, ratio: float) -> str:
    return f"| {case.family} | {case.model} | yes | {found.largest:.1g} | {found.flips} | {ratio:.0f}x |"


def _cpu(call: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) / times


if __name__ == "__main__":
    main()
