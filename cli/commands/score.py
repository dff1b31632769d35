"""Scoring files of many rows."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.bulk import download, follow, upload
from cli.errors import NEGATIVE
from cli.options import AsJson, target
from cli.render import Body, coloured, out, print_json
from cli.target import Target
from fraud.bulk.job import DONE

Out = Annotated[Path | None, typer.Option("--out", help="Directory for the results; default: the batch's id.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the batch and fetch its results.")]


def score(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Rows as .csv with a header, .ndjson or .parquet.")],
    out_directory: Out = None,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Score every row of a file: upload it, follow the batch, fetch the results (exit 1 when it does not end well)."""
    system = target(context)
    begun = system.scoring.post("/batches", {"input": upload(system, file)}).body
    _attend(system, begun, out_directory, wait, as_json)


def batch(
    context: typer.Context,
    batch_id: Annotated[str, typer.Argument(metavar="ID", help="As `score` prints it.")],
    out_directory: Out = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Score no more of it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Score what it still lacks.")] = False,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Follow a batch begun earlier and fetch its results."""
    system, path = target(context), f"/batches/{batch_id}"
    if cancel:
        return _told(system.scoring.post(f"{path}/cancel", {}).body, as_json)
    found = system.scoring.post(f"{path}/resume", {}).body if resume else system.scoring.get(path).body
    return _attend(system, found, out_directory, wait, as_json)


def _attend(system: Target, found: Body, directory: Path | None, wait: bool, as_json: bool) -> None:
    if not as_json:
        out().print(f"batch {found['batch_id']}, scored by {found['model_version']}", soft_wrap=True)
    if not wait:
        return _told(found, as_json)
    ended = _followed(system, found)
    if ended["state"] == DONE:
        place = directory or Path(ended["batch_id"])
        download(system, ended, place)
        if not as_json:
            out().print(f"results in {place}", soft_wrap=True)
    _told(ended, as_json)
    if ended["state"] != DONE:
        raise typer.Exit(NEGATIVE)
    return None


def _followed(system: Target, found: Body) -> Body:
    """The batch when it has ended; Ctrl-C asks whether it is to be cancelled."""
    batch_id = found["batch_id"]
    try:
        return follow(system.scoring, batch_id)
    except KeyboardInterrupt:
        if typer.confirm("\ncancel the batch?", err=True):
            return system.scoring.post(f"/batches/{batch_id}/cancel", {}).body
        out().print(f"it goes on; `fraudctl batch {batch_id}` follows it again", soft_wrap=True)
        raise typer.Exit(NEGATIVE) from None


def _told(found: Body, as_json: bool) -> None:
    if as_json:
        return print_json(found)
    counts = f": {found['done']:,} scored, {found['failed']:,} refused of {found['total']:,} rows"
    rate = f", {found['rows_per_second']:,.0f} rows/s" if found["rows_per_second"] else ""
    why = f": {found['reason']}" if found.get("reason") else ""
    return out().print(Text.assemble(coloured(found["state"]), counts, rate, why), soft_wrap=True)
