"""Reading the request log."""

import json
import sys
from typing import Annotated

import typer

from cli.options import AsJson, target
from cli.render import out, show
from cli.tables import log_row, logs_table
from cli.tail import fresh, pages
from fraud.clock import now, rfc3339


def logs(  # noqa: PLR0913, PLR0917 -- one option a filter
    context: typer.Context,
    transaction_id: Annotated[str | None, typer.Option(help="One transaction.")] = None,
    status_code: Annotated[int | None, typer.Option(help="One HTTP status.")] = None,
    model_version: Annotated[str | None, typer.Option(help="One model version.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Not before this moment (RFC 3339).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Not after this moment (RFC 3339).")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many (the API's own default: 100).")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Keep showing what comes, oldest first.")] = False,
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
    api = target(context).control
    if not follow:
        return show(api.get("/logs", filters), as_json, logs_table)
    try:
        for line in fresh(lambda since: pages(api, {**filters, "from": since}), since or rfc3339(now())):
            out().print(json.dumps(line) if as_json else log_row(line), soft_wrap=True)
            sys.stdout.flush()
    except KeyboardInterrupt:
        return None
    return None
