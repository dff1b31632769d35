"""Which versions there are, which one is live, and changing that."""

from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

import typer

from cli.commands.rollouts import begin, percentages
from cli.options import AsJson, Reason, target
from cli.render import show
from cli.rollout_picture import begun_line
from cli.tables import change_line, versions_table


class Strategy(StrEnum):
    """How a version takes over."""

    ALL_AT_ONCE = "all_at_once"
    CANARY = "canary"
    SHADOW = "shadow"


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
    strategy: Annotated[Strategy | None, typer.Option(help="Default: all_at_once.")] = None,
    steps: Annotated[str | None, typer.Option(help="Of a canary: percentages that grow, such as 5,25,100.")] = None,
    bake_minutes: Annotated[float | None, typer.Option(help="Of a canary or shadow: minutes of each step.")] = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Make a version the active one, at once or step by step."""
    plan = {"steps": percentages(steps) if steps else None, "bake_minutes": bake_minutes}
    body = {"strategy": strategy.value if strategy else None, **plan, "reason": reason}
    show(begin(target(context).control, version, body), as_json, begun_line)


def pardon(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="A CONDEMNED version.")],
    reason: Annotated[str, typer.Option(help="Why it may serve again; kept in the history.")],
    as_json: AsJson = False,
) -> None:
    """Let a condemned version serve again."""
    reply = target(context).control.post(f"/models/versions/{quote(version, safe='')}/pardon", {"reason": reason})
    show(reply, as_json, lambda body: f"{body['version']} may serve again; it was condemned for: {body['why']}")


def approve(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="A version somebody else deployed.")],
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Let a version go live that somebody else deployed; call with a key of your own (FRAUDCTL_API_KEY)."""
    path = f"/models/versions/{quote(version, safe='')}/approve"
    reply = target(context).control.post(path, {} if reason is None else {"reason": reason})
    show(reply, as_json, lambda body: f"{body['version']} approved by {', '.join(a['by'] for a in body['approvals'])}")


def rollback(context: typer.Context, reason: Reason = None, as_json: AsJson = False) -> None:
    """Return to the version that really served before the active one."""
    reply = target(context).control.post("/models/rollback", {} if reason is None else {"reason": reason})
    show(reply, as_json, lambda changed: change_line(changed, "current_version"))
