"""A rollout on a terminal: how far it is, and each guardrail with the evidence against the candidate as a bar."""

from math import log
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from cli.prediction import BAR_CELLS, bar
from cli.render import Body, add_row, coloured, grid


def begun_line(body: Body) -> str:
    """What an activation with a strategy began."""
    if "rollout_id" not in body:
        return f"{body['previous_version'] or 'nothing'} → {body['new_version']}, revision {body['revision']}"
    share = f"{body['share']} % now" if body["share"] else "it answers nobody"
    return (
        f"{body['strategy']} of {body['new_version']} beside {body['previous_version']}: {share}; "
        f"rollout {body['rollout_id']}"
    )


def rollouts_table(body: Body) -> RenderableType:
    """One row a rollout."""
    if not body["rollouts"]:
        return "no rollouts"
    table = grid("rollout", "version", "strategy", "state", "share", "started", "outcome")
    for one in body["rollouts"]:
        add_row(
            table,
            one["rollout_id"],
            one["version"],
            one["strategy"],
            coloured(one["state"]),
            f"{one['percent']} %",
            one["started_at"],
            one["outcome"],
        )
    return table


def rollout_picture(body: Body) -> RenderableType:
    """The share, the last look's guardrails, and what it decided."""
    share = bar(body["percent"] / 100).ljust(BAR_CELLS, "░")
    steps = " → ".join(f"{step} %" for step in body["steps"]) or "answers nobody"
    head = Text.assemble(
        f"{body['strategy']} of {body['version']} beside {body['baseline']}  ", coloured(body["state"])
    )
    looks = body["verdicts"]
    said = [findings(looks[0]["findings"]), _said(body, looks[0])] if looks else ["not looked at yet"]
    return Group(head, f"{share} {body['percent']} %   ({steps})", *said)


def findings(found: list[dict[str, Any]]) -> RenderableType:
    """One row a guardrail; the bar is how much of the evidence needed to take the candidate back there is."""
    table = grid("guardrail", "", "evidence of harm", "")
    for one in found:
        state = Text({"pass": "✓", "harm": "✗"}.get(one["state"], "…"), _COLOUR.get(one["state"], "yellow"))
        add_row(table, one["guardrail"], state, Text(_evidence(one), _COLOUR.get(one["state"], "yellow")), one["words"])
    return table


_COLOUR = {"pass": "green", "harm": "red"}


def _evidence(finding: dict[str, Any]) -> str:
    numbers = finding["numbers"]
    e, alpha = numbers.get("e_value"), numbers.get("alpha")
    if not e or not alpha:
        return ""
    return bar(max(0.0, log(e)) / -log(alpha)).ljust(BAR_CELLS, "░")


def _said(body: Body, look: dict[str, Any]) -> str:
    if body["state"] == "running":
        return f"{look['action']}: {look['words']}"
    return f"{body['state']} {body['ended_at']} by {body.get('ended_by')}: {body['outcome']}"
