"""The table shows every metric with its bounds, and the gate's words follow."""

import io

import msgspec
from rich.console import Console

from fraud.versions.measurements import METRICS
from training.report import SHOWN, gate_words, table_of
from training.trainer import Training


def test_the_table_shows_every_metric_with_its_bounds(training: Training) -> None:
    told = io.StringIO()

    Console(file=told, width=120).print(table_of(training.evaluation))

    assert set(SHOWN) == set(METRICS)
    row = next(line for line in told.getvalue().splitlines() if "│ F1 " in line)
    numbers = [cell.strip() for cell in row.strip("│").split("│")[1:]]
    f1 = training.evaluation.f1, *training.evaluation.bounds["f1"]
    assert numbers == [f"{number:.4f}" for number in f1]


def test_a_model_that_would_be_held_is_told_so(training: Training) -> None:
    poor = msgspec.structs.replace(training.evaluation, bounds={"f1": (0.4, 0.6)})

    assert gate_words(poor) == "activation gate: held: lower 95 % bound of F1 0.40 does not exceed 0.85"
