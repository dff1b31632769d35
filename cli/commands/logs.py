"""Reading the request log."""

from typing import Annotated

import typer

from cli.options import AsJson, target
from cli.render import show
from cli.tables import logs_table


def logs(
    context: typer.Context,
    transaction_id: Annotated[str | None, typer.Option(help="One transaction.")] = None,
    status_code: Annotated[int | None, typer.Option(help="One HTTP status.")] = None,
    model_version: Annotated[str | None, typer.Option(help="One model version.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Not before this moment (RFC 3339).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Not after this moment (RFC 3339).")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many (the API's own default: 100).")] = None,
    as_json: AsJson = False,
) -> None:
    """Show logged requests, newest first; the log lags by seconds."""
    filters = {
        "transaction_id": transaction_id,
        "status_code": status_code,
        "model_version": model_version,
        "from": since,
        "to": until,
        "limit": limit,
    }
    show(target(context).control.get("/logs", filters), as_json, logs_table)
