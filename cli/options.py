"""Options that several commands share, and what they stand for."""

from typing import Annotated

import typer

from cli.target import Source, Target

AsJson = Annotated[bool, typer.Option("--json", help="Print the API's reply as it came.")]
Reason = Annotated[str | None, typer.Option(help="Why; kept in the history.")]


def target(context: typer.Context) -> Target:
    """The system this invocation talks to, found when a command first needs it."""
    source: Source = context.obj
    return source.target()
