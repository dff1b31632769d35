"""Metrics, drift and alerts as tables."""

from rich.console import Group, RenderableType
from rich.text import Text

from cli.prediction import bar
from cli.render import Body, add_row, coloured, grid

LARGE_PSI = 0.25  # where the bar is full


def performance_table(body: Body) -> RenderableType:
    """The whole, each version, and the errors."""
    if body["state"] == "no_data":
        return str(body["message"])
    table = grid("", "requests", "failed", "success", "mean ms", "p50", "p95", "p99", "max")
    for name, one in (("all", body), *body["by_version"].items()):
        took = one["latency_ms"]
        counted = (one["total_requests"], one["failed_requests"], _percent(one["success_rate"]))
        add_row(table, name, *counted, *(took[part] for part in ("mean", "p50", "p95", "p99", "max")))
    errors = [f"{code}: {count}" for code, count in body["errors"].items()]
    return Group(table, *errors, f"last {body['window_hours']} hours")


def business_table(body: Body) -> RenderableType:
    """The whole and each version."""
    if body["state"] == "no_data":
        return str(body["message"])
    table = grid("", "transactions", "fraud", "rate", "high risk", "amount", "of it fraud")
    for name, one in (("all", body), *body["by_version"].items()):
        counts = (one["total_transactions"], one["fraud_predictions"], _percent(one["fraud_rate"]))
        amounts = (f"{one['total_amount']:,.2f}", f"{one['fraud_amount']:,.2f}")
        add_row(table, name, *counts, one["high_risk_transactions"], *amounts)
    return Group(table, f"last {body['window_hours']} hours")


def drift_table(body: Body) -> RenderableType:
    """One row a feature: PSI as a bar, what chance explains, the p-value, and what it does to the score."""
    found = body["drift"]
    if not found:
        return body["message"] or "nothing is measured yet"
    table = grid("feature", "psi", "", "chance", "p", "score", "")
    for one in (found["score"]["psi"], *found["features"]):
        add_row(table, one["name"], *_distance(one), _shift(one.get("score_shift")), _state(one))
    score = found["score"]
    tail = [f"score: KS {score['ks']:.4f}, by chance up to {score['ks_critical_value']:.4f}"] if score["ks"] else []
    return Group(table, *tail, f"{found['version']}: {found['rows']} rows in {found['window_hours']} hours")


def alerts_table(body: Body) -> RenderableType:
    """One row an alert."""
    if not body["alerts"]:
        return "no alerts"
    table = grid("id", "severity", "state", "value", "threshold", "opened", "told", "acknowledged by", "why")
    for one in body["alerts"]:
        figures = (f"{one['value']:g}", f"{one['threshold']:g}", one["opened_at"], one["notifications"])
        add_row(
            table,
            one["id"],
            one["severity"],
            coloured(one["state"]),
            *figures,
            one.get("acknowledged_by"),
            one.get("reason"),
        )
    return table


def _distance(one: Body) -> tuple[object, ...]:
    if one["psi"] is None:
        return ("", "", "", "")
    drawn = Text(bar(one["psi"] / LARGE_PSI), "red" if one["state"] == "drifted" else "green")
    return (f"{one['psi']:.4f}", drawn, f"{one['critical_value']:.4f}", f"{one['adjusted_p']:.2g}")


def _shift(value: float | None) -> str:
    return "" if value is None else f"{value:+.3f}"


def _state(one: Body) -> Text:
    state = str(one["state"])
    return coloured({"too_few": f"only {one['n']} rows", "no_reference": "no reference"}.get(state, state))


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"
