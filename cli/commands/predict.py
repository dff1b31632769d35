"""Scoring one transaction or a batch."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import InvalidInputError
from cli.options import AsJson, target
from cli.prediction import batch_table, prediction_card
from cli.render import show


def predict(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON file with one transaction or a list, or - for standard input.")],
    as_json: AsJson = False,
) -> None:
    """Score one transaction and show why, or up to 1,000 and show the verdicts; exits 1 when one of them failed."""
    asked, api = _read(file), target(context).scoring
    if not _is_batch(asked):
        show(api.post("/predict", asked), as_json, prediction_card)
        return
    reply = api.post("/predict/batch", asked)
    show(reply, as_json, batch_table)
    if reply.body.get("errors"):
        raise typer.Exit(1)


def _is_batch(asked: Any) -> bool:
    return isinstance(asked, list) or (isinstance(asked, dict) and "transactions" in asked)


def _read(file: str) -> Any:
    try:
        return json.loads(sys.stdin.read() if file == "-" else Path(file).read_text())
    except OSError as exc:
        raise InvalidInputError(f"{file} cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise InvalidInputError(f"{file} is not JSON: {exc}") from exc
