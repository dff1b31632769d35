"""Letting a version take over step by step, and watching it."""

import time
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.live import Live

from cli.api import Api, Reply
from cli.errors import RefusedError
from cli.options import AsJson, Reason, target
from cli.render import out, show
from cli.rollout_picture import begun_line, rollout_picture, rollouts_table

rollout = typer.Typer(no_args_is_help=True, help="Let a version take over step by step.")
Identity = Annotated[str | None, typer.Argument(metavar="ID", help="Default: the newest.")]
Steps = Annotated[str, typer.Option(help="Percentages that grow.")]
Bake = Annotated[float, typer.Option(help="Minutes each step lasts at least.")]
WATCH_SECONDS = 5.0


def begin(api: Api, version: str, body: dict[str, Any]) -> Reply:
    """Activate a version as told."""
    given = {name: value for name, value in body.items() if value is not None}
    return api.post(f"/models/activate/{quote(version, safe='')}", given)


def percentages(text: str) -> list[int]:
    """`5,25,100` as numbers; BadParameter when they are none."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as exc:
        raise typer.BadParameter(f"{text!r} is not a list of whole percentages such as 5,25,100") from exc


@rollout.command("start")
def start(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="A READY version.")],
    shadow: Annotated[bool, typer.Option("--shadow", help="Score what is answered, answer nobody.")] = False,
    steps: Steps = "5,25,100",
    bake_minutes: Bake = 10.0,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Begin a canary, or a shadow, of a version beside the active one."""
    strategy = "shadow" if shadow else "canary"
    body = {"strategy": strategy, "steps": percentages(steps), "bake_minutes": bake_minutes, "reason": reason}
    show(begin(target(context).control, version, body), as_json, begun_line)


@rollout.command("list")
def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """List rollouts, newest first."""
    show(target(context).control.get("/rollouts"), as_json, rollouts_table)


@rollout.command("status")
def status(context: typer.Context, name: Identity = None, as_json: AsJson = False) -> None:
    """Show a rollout: its share, its guardrails, what it waits for."""
    show(_one(target(context).control, name, 1), as_json, rollout_picture)


@rollout.command("watch")
def watch(
    context: typer.Context,
    name: Identity = None,
    interval: Annotated[float, typer.Option(help="Seconds between looks.")] = WATCH_SECONDS,
) -> None:
    """Show a rollout until it ends."""
    looks = _looks(target(context).control, name, interval)
    with Live(console=out(), auto_refresh=False) as live:
        for body in looks:
            live.update(rollout_picture(body), refresh=True)


@rollout.command("abort")
def abort(context: typer.Context, name: Identity = None, reason: Reason = None, as_json: AsJson = False) -> None:
    """End a rollout; the active version goes on alone."""
    api = target(context).control
    path = f"/rollouts/{quote(_identity(api, name), safe='')}/abort"
    show(api.post(path, {} if reason is None else {"reason": reason}), as_json, rollout_picture)


def _looks(api: Api, name: str | None, interval: float) -> Iterator[dict[str, Any]]:
    identity = _identity(api, name)
    while True:
        body = _one(api, identity, 1).body
        yield body
        if body["state"] != "running":
            return
        time.sleep(interval)


def _one(api: Api, name: str | None, looks: int) -> Reply:
    return api.get(f"/rollouts/{quote(_identity(api, name), safe='')}", {"limit": looks})


def _identity(api: Api, name: str | None) -> str:
    if name:
        return name
    found = api.get("/rollouts", {"limit": 1}).body["rollouts"]
    if not found:
        raise RefusedError(404, "not_found", "there has been no rollout yet")
    return str(found[0]["rollout_id"])
