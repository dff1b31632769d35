"""`python -m training`: train the reference model on a file of labelled transactions or on generated ones."""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training.artefacts import save, sha256_of_rows
from training.data import Transactions, UnreadableDataError, read
from training.fit import DEFAULT_FAMILY, FAMILIES
from training.generator import FRAUD_RATE, ROWS, generate
from training.report import gate_words, table_of
from training.trainer import split, step, train

Family = StrEnum("Family", {name: name for name in FAMILIES})  # type: ignore[misc]  # the choices are the families
DEFAULT = Family(DEFAULT_FAMILY)


def main(
    data: Annotated[Path | None, typer.Option(help="CSV or .npz of labelled rows; generated when not given.")] = None,
    validation: Annotated[Path | None, typer.Option(help="Measure on this file instead of the last 20 %.")] = None,
    model: Annotated[Family, typer.Option(help="Model family.")] = DEFAULT,
    out: Annotated[Path, typer.Option(help="Folder the files are written to.")] = Path("out/model"),
    seed: Annotated[int, typer.Option(help="Seed of generator, model and bootstrap.")] = 0,
    rows: Annotated[int | None, typer.Option(help="Rows to generate, or first rows of the file to use.")] = None,
    fraud_rate: Annotated[float, typer.Option(help="Share of fraud among generated rows.")] = FRAUD_RATE,
) -> None:
    """Train, measure and save a model that can be dropped as it is."""
    console = Console()
    try:
        found, source, sha256 = _rows(data, rows, fraud_rate, seed, console)
        parts = split(found, read(validation) if validation else None)
    except (UnreadableDataError, ValueError) as exc:
        raise typer.BadParameter(str(exc)) from exc
    training = train(parts, model.value, seed=seed, console=console)
    with step(console, "saving model, manifest, evaluation set and plots"):
        written = save(training, out, source=source, data_sha256=sha256)
    console.print(table_of(training.evaluation))
    console.print(f"threshold {training.fitted.threshold:.6g}; {gate_words(training.evaluation)}", soft_wrap=True)
    for path in written:
        console.print(str(path), soft_wrap=True, highlight=False)


def _rows(
    path: Path | None, rows: int | None, fraud_rate: float, seed: int, console: Console
) -> tuple[Transactions, str, str]:
    """The transactions, what they are in words, and their hash."""
    if path is None:
        with step(console, "generating transactions"):
            made = generate(rows=ROWS if rows is None else rows, fraud_rate=fraud_rate, seed=seed)
        return made, "generated transactions", sha256_of_rows(made)
    with step(console, f"reading {path}"):
        found = read(path)
    found = found if rows is None else found.first(rows)
    return found, f"transactions of {path.name}", hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    typer.run(main)
