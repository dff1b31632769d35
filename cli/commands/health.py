"""Is the system well?"""

import typer

from cli.errors import NEGATIVE
from cli.options import AsJson, target
from cli.render import show
from cli.tables import health_table


def health(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every named check; exit 1 when the system is unhealthy."""
    reply = target(context).control.get("/health", also=(503,))
    show(reply, as_json, health_table)
    if reply.status == 503:
        raise typer.Exit(NEGATIVE)
