"""Versions, requests and health checks as tables."""

from rich.console import Group, RenderableType
from rich.text import Text

from cli.render import Body, add_row, coloured, grid


def versions_table(body: Body) -> RenderableType:
    """One row a version with its measured F1 and the 95 % interval; the active one has a dot."""
    table = grid("", "version", "status", "family", "F1", "created", "description")
    for one in body["versions"]:
        add_row(
            table,
            "●" if one["is_active"] else "",
            one["version"],
            coloured(one["status"]),
            one.get("family"),
            _f1(one.get("metrics")),
            one["created_at"],
            one.get("description"),
        )
    return Group(table, f"{body['total_versions']} versions, active: {body['active_version'] or 'none'}")


def change_line(body: Body, new: str) -> str:
    """What an activation or rollback did; `new` names the field of the version that serves now."""
    return f"{body['previous_version'] or 'nothing'} → {body[new]}, revision {body['revision']}"


def logs_table(body: Body) -> RenderableType:
    """One row a request; a refused one shows its error code as the verdict."""
    if not body["logs"]:
        return "no such requests"
    table = grid("at", "transaction", "status", "version", "probability", "risk", "verdict", "ms")
    for one in body["logs"]:
        add_row(
            table,
            one.get("at"),
            one.get("transaction_id"),
            one.get("status_code"),
            one.get("model_version"),
            _places(one.get("fraud_probability")),
            one.get("risk_score"),
            _verdict(one),
            one.get("processing_time_ms"),
        )
    more = ["there are more: narrow with --from and --to, or raise --limit"] if body.get("next_cursor") else []
    return Group(table, *more)


def log_row(one: Body) -> Text:
    """One request on one line."""
    where = f"{one['at']}  {one['status_code']}  {one.get('model_version', '-')}  {one['transaction_id']}  "
    return Text.assemble(where, _verdict(one), f"  {_places(one.get('fraud_probability'))}")


def health_table(body: Body) -> RenderableType:
    """The overall state, the active version and each check."""
    table = grid("check", "status", "ms", "detail", "threshold")
    for check in body["checks"]:
        told = (check.get("duration_ms"), check.get("detail"), check.get("threshold"))
        add_row(table, check["name"], coloured(check["status"]), *told)
    head = Text.assemble(coloured(body["status"]), f", active version: {body.get('active_version') or 'none'}")
    return Group(head, table)


def _f1(metrics: Body | None) -> str:
    if not metrics:
        return "not measured"
    low, high = metrics.get("bounds", {}).get("f1", (None, None))
    return f"{_places(metrics.get('f1'))} [{_places(low)}, {_places(high)}]"


def _places(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _verdict(line: Body) -> Text:
    if "is_fraud" not in line:
        return Text(str(line.get("error_code", "")))
    return Text("fraud", "red") if line["is_fraud"] else Text("legitimate", "green")
