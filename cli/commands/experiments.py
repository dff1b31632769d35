"""Two versions side by side."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli.experiment_picture import experiment_picture, experiments_table
from cli.options import AsJson, Reason, target
from cli.render import show

experiment = typer.Typer(no_args_is_help=True, help="Compare two versions side by side.")
Identity = Annotated[str, typer.Argument(metavar="ID")]


@experiment.command("start")
def start(
    context: typer.Context,
    treatment: Annotated[str, typer.Argument(help="A READY version; the active one is the control.")],
    name: Annotated[str, typer.Option(help="What is to be found out.")],
    split: Annotated[float, typer.Option(help="Percent of entities the treatment answers.")] = 50.0,
    metric: Annotated[str, typer.Option(help="Or error_rate, latency_ms, precision, recall.")] = "alert_rate",
    owner: Annotated[str, typer.Option(help="Who answers for it; default: the calling client.")] = "",
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Begin an experiment beside the active version."""
    body = {"name": name, "treatment": treatment, "split": split, "metric": metric, "owner": owner}
    asked = body if reason is None else {**body, "reason": reason}
    show(target(context).control.post("/experiments", asked), as_json, experiment_picture)


@experiment.command("list")
def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """List experiments, newest first."""
    show(target(context).control.get("/experiments"), as_json, experiments_table)


@experiment.command("show")
def shown(context: typer.Context, name: Identity, as_json: AsJson = False) -> None:
    """Show what an experiment says so far."""
    show(target(context).control.get(f"/experiments/{quote(name, safe='')}"), as_json, experiment_picture)


@experiment.command("stop")
def stop(context: typer.Context, name: Identity, reason: Reason = None, as_json: AsJson = False) -> None:
    """Stop an experiment and show its last results."""
    path = f"/experiments/{quote(name, safe='')}/stop"
    body = {} if reason is None else {"reason": reason}
    show(target(context).control.post(path, body), as_json, experiment_picture)
