"""Which versions there are, which one is live, and changing that."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli.options import AsJson, Reason, Sign, target
from cli.render import show
from cli.tables import change_line, versions_table


def versions(context: typer.Context, as_json: AsJson = False) -> None:
    """List the registered versions, newest first."""
    show(target(context).control.get("/models/versions"), as_json, versions_table)


def active(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(help="A moment in RFC 3339: what was live then?")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the active version, now or at a moment."""
    reply = target(context).control.get("/models/active", {"at": at})
    show(reply, as_json, lambda body: f"{body['version']}, revision {body['revision']}, since {body['since']}")


def activate(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="A READY version.")],
    reason: Reason = None,
    sign: Sign = False,
    as_json: AsJson = False,
) -> None:
    """Make a version the active one."""
    body = {} if reason is None else {"reason": reason}
    reply = target(context, sign=sign).control.post(f"/models/activate/{quote(version, safe='')}", body)
    show(reply, as_json, lambda changed: change_line(changed, "new_version"))


def rollback(context: typer.Context, reason: Reason = None, sign: Sign = False, as_json: AsJson = False) -> None:
    """Return to the version that really served before the active one."""
    reply = target(context, sign=sign).control.post("/models/rollback", {} if reason is None else {"reason": reason})
    show(reply, as_json, lambda changed: change_line(changed, "current_version"))
