"""Scoring one transaction."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import InvalidInputError
from cli.options import AsJson, Sign, target
from cli.prediction import prediction_card
from cli.render import show


def predict(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON file with one transaction, or - for standard input.")],
    sign: Sign = False,
    as_json: AsJson = False,
) -> None:
    """Score one transaction and show why."""
    show(target(context, sign=sign).scoring.post("/predict", _transaction(file)), as_json, prediction_card)


def _transaction(file: str) -> Any:
    try:
        return json.loads(sys.stdin.read() if file == "-" else Path(file).read_text())
    except OSError as exc:
        raise InvalidInputError(f"{file} cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise InvalidInputError(f"{file} is not JSON: {exc}") from exc
