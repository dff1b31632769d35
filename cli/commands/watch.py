"""How it goes: metrics, drift, alerts; and telling which transactions were fraud."""

import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.errors import InvalidInputError
from cli.options import AsJson, target
from cli.render import out, show
from cli.watch_tables import alerts_table, business_table, drift_table, performance_table

AT_ONCE = 500  # labels one call takes
TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")


def metrics(
    context: typer.Context,
    hours: Annotated[int, typer.Option(min=1, max=720, help="Hours to look back.")] = 24,
    business: Annotated[bool, typer.Option("--business", help="Decisions and amounts instead of traffic.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how requests went, or what was decided."""
    path, picture = ("business", business_table) if business else ("performance", performance_table)
    show(target(context).control.get(f"/metrics/{path}", {"hours": hours}), as_json, picture)


def drift(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how far each feature of the active version has drifted; what moves the score most stands first."""
    show(target(context).control.get("/metrics/model"), as_json, drift_table)


def labels(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON (one label or a list) or CSV with a header; - is JSON on stdin.")],
) -> None:
    """Say which transactions were fraud: transaction_id, is_fraud, source, optionally reported_at."""
    told, api = _labels(file), target(context).control
    for start in range(0, len(told), AT_ONCE):
        reply = api.post("/labels", told[start : start + AT_ONCE]).body
        counts = ("joined", "unknown_transaction", "duplicate")
        words = ", ".join(f"{reply[name]} {name.replace('_', ' ')}" for name in counts if reply.get(name))
        out().print(f"{reply['accepted']} labels: {words}")


def alerts(
    context: typer.Context,
    ack: Annotated[str | None, typer.Option(metavar="ID", help="Take care of this one: no more reminders.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first, or acknowledge one."""
    api = target(context).control
    if ack:
        show(api.post(f"/alerts/{quote(ack, safe='')}/ack", {}), as_json, lambda one: f"{one['id']}: acknowledged")
        return
    show(api.get("/alerts", {"limit": limit}), as_json, alerts_table)


def _labels(file: str) -> list[Any]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as exc:
        raise InvalidInputError(f"{file} cannot be read: {exc.strerror}") from exc
    if file.endswith(".csv"):
        return [_row(place, row) for place, row in enumerate(csv.DictReader(text.splitlines()), 2)]
    try:
        found = json.loads(text)
    except ValueError as exc:
        raise InvalidInputError(f"{file} is not JSON: {exc}") from exc
    return found if isinstance(found, list) else [found]


def _row(line: int, row: dict[str, str]) -> dict[str, Any]:
    said = (row.get("is_fraud") or "").lower()
    if said not in (*TRUE, *FALSE):
        raise InvalidInputError(f"line {line}: is_fraud is {said!r}, not true or false")
    return {**{name: value for name, value in row.items() if value}, "is_fraud": said in TRUE}
