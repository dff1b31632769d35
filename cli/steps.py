"""Deployments, step by step."""

from rich.console import Group, RenderableType
from rich.text import Text

from cli.render import Body, add_row, coloured, grid, out


def deployments_table(body: Body) -> RenderableType:
    """One row a deployment, with the reason of its end."""
    if not body["deployments"]:
        return "no deployments"
    table = grid("deployment", "version", "state", "created", "reason")
    for one in body["deployments"]:
        state = coloured(one["state"])
        add_row(table, one["deployment_id"], one["version"], state, one.get("created_at"), one.get("reason"))
    return table


def deployment_card(body: Body) -> RenderableType:
    """One deployment and its steps."""
    head = Text.assemble(f"{body['deployment_id']}  {body['version']}  ", coloured(body["state"]))
    return Group(head, *map(_step_line, body["steps"]))


class StepPrinter:
    """Prints the steps of a deployment as they come, each once."""

    def __init__(self) -> None:
        self._printed = 0

    def print_new(self, deployment: Body) -> None:
        """Print the steps not printed yet."""
        steps = deployment["steps"]
        for step in steps[self._printed :]:
            out().print(_step_line(step), soft_wrap=True)
        self._printed = len(steps)


def verdict_line(deployment: Body) -> RenderableType:
    """How it ended; why, unless the last step has just said so; and how a held version goes live."""
    version, reason, steps = deployment["version"], deployment.get("reason"), deployment["steps"]
    told = not reason or (steps and steps[-1].get("detail") == reason)
    hint = f"; `fraudctl activate {version}` makes it live" if deployment["state"] == "held" else ""
    return Text.assemble(f"{version} ", coloured(deployment["state"]), "" if told else f": {reason}", hint)


def _step_line(step: Body) -> Text:
    mark = Text("✗", "red") if step["state"] == "failed" else Text("✓", "green")
    return Text.assemble(mark, f" {step['step']:<10} {step.get('detail') or ''}".rstrip())
