"""The history of control actions: read it, check it, take it along as evidence."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import RenderableType

from cli import bundle
from cli.errors import NEGATIVE
from cli.options import AsJson, target
from cli.render import Body, add_row, grid, out, show

audit = typer.Typer(no_args_is_help=True, help="Who did what, and whether the history still holds.")
Out = Annotated[Path, typer.Option(help="The zip to write.")]


@audit.command("list")
def listed(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show control actions, newest first."""
    show(target(context).control.get("/audit", {"limit": limit}), as_json, _entries)


@audit.command("verify")
def verify(
    context: typer.Context,
    offline: Annotated[Path | None, typer.Option(help="A bundle to check here, without asking the system.")] = None,
) -> None:
    """Check that nothing was edited, deleted, moved, cut off or added; exit 1 naming every entry that was."""
    if offline:
        count, findings = bundle.verify(offline)
        found = [{"sequence": one.sequence, "kind": one.kind, "words": one.words} for one in findings]
    else:
        body = target(context).control.get("/audit/verify").body
        count, found = body["entries"], body["findings"]
    _tell(count, found)


@audit.command("export")
def export(context: typer.Context, file: Out = Path("audit.zip")) -> None:
    """Write the whole history and its checkpoints to a zip that `verify --offline` checks."""
    bundle.write(file, bundle.audit_files(target(context).control))
    out().print(f"wrote {file}", soft_wrap=True)


def evidence(
    context: typer.Context,
    version: Annotated[str, typer.Option(help="Any registered version.")],
    file: Annotated[Path | None, typer.Option(help="The zip to write; default evidence-VERSION.zip.")] = None,
) -> None:
    """Write all there is to say about a version to one zip: card, measurements, approvals, history, audit proofs."""
    api, path = target(context).control, f"/models/versions/{quote(version, safe='')}"
    record = api.get(path).body
    deployments = api.get("/deployments", {"version": version}).body
    files = {
        "version.json": bundle.text_of(record),
        "approvals.json": bundle.text_of(record["approvals"]),
        "history.json": bundle.text_of(record["history"]),
        "deployments.json": bundle.text_of(deployments["deployments"]),
        "card.md": api.text(f"{path}/card", {"format": "markdown"}),
        "card.html": api.text(f"{path}/card", {"format": "html"}),
        **bundle.audit_files(api),
    }
    written = file or Path(f"evidence-{version}.zip")
    bundle.write(written, files)
    out().print(f"wrote {written}: {', '.join(files)}", soft_wrap=True)


def _tell(count: int, findings: Sequence[dict[str, Any]]) -> None:
    if not findings:
        out().print(f"{count} entries, nothing was changed")
        return
    table = grid("entry", "what", "how it shows")
    for one in findings:
        add_row(table, one["sequence"], one["kind"], one["words"])
    out().print(table)
    raise typer.Exit(NEGATIVE)


def _entries(body: Body) -> RenderableType:
    table = grid("entry", "at", "who", "what", "of", "from", "details")
    for one in body["entries"]:
        add_row(table, *(one.get(name) for name in _COLUMNS))
    return table


_COLUMNS = ("position", "at", "actor", "action", "subject", "origin", "details")
