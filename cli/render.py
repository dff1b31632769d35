"""Where output goes, and the small pieces every picture is made of."""

import json
import sys
from collections.abc import Callable
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.status import Status
from rich.table import Table
from rich.text import Text

from cli.api import Reply
from cli.errors import RefusedError

Body = dict[str, Any]

PIPE_WIDTH = 200  # so that what is piped into grep keeps to one line a row

_GOOD, _DOUBTFUL, _BAD = "green", "yellow", "red"
COLOURS = {
    **dict.fromkeys(
        ("activated", "completed", "done", "healthy", "ok", "pass", "promoted", "recovered", "READY"), _GOOD
    ),
    **dict.fromkeys(("aborted", "cancelled", "held", "degraded", "running", "warn"), _DOUBTFUL),
    **dict.fromkeys(("rejected", "rolled_back", "drifted", "failed", "firing", "unhealthy", "fail"), _BAD),
    **dict.fromkeys(("CONDEMNED", "REJECTED"), _BAD),
}


def out() -> Console:
    """Standard output."""
    return Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def show(reply: Reply, as_json: bool, picture: Callable[[Body], RenderableType]) -> None:
    """Print the reply as it came, or its picture; RefusedError when the reply lacks what the picture shows."""
    if as_json:
        typer.echo(reply.text)
        return
    try:
        out().print(picture(reply.body))
    except (KeyError, TypeError, AttributeError) as exc:
        raise RefusedError(reply.status, "unexpected_reply", f"{exc!r}; --json prints it as it came") from exc


def print_json(document: Body) -> None:
    """Print a document on one line."""
    typer.echo(json.dumps(document))


def complain(message: str) -> None:
    """Print one red line on standard error."""
    _errors().print(message, style="red", soft_wrap=True)


def waiting(message: str) -> Status:
    """A spinner on standard error while something takes its time; nothing where that is no terminal."""
    return _errors().status(message)


def coloured(state: str) -> Text:
    """A state in the colour of how good it is."""
    return Text(state, COLOURS.get(state, ""))


def grid(*headers: str) -> Table:
    """A table without lines whose cells wrap rather than lose text."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def add_row(table: Table, *cells: object) -> None:
    """Add a row of anything; None is an empty cell."""
    table.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else str(cell)) for cell in cells))


def _errors() -> Console:
    return Console(stderr=True, markup=False, highlight=False)
