"""fraudctl: drop models, switch versions, score, read logs."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli.commands import (
    access,
    audit,
    card,
    drop,
    experiments,
    forget,
    health,
    keys,
    logs,
    predict,
    rollouts,
    score,
    simulate,
    versions,
    watch,
)
from cli.errors import CliError
from cli.render import complain
from cli.target import DEFAULT_OUTPUTS, Source

EPILOG = (
    "Exit codes: 0 done; 1 negative outcome (drop rejected, no verdict in time, unhealthy); 2 wrong usage; "
    "3 not reachable; 4 the API or AWS answered with an error."
)


class Fraudctl(TyperGroup):
    """The one place where an error becomes a red line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CliError as exc:
            complain(str(exc))
            raise typer.Exit(exc.exit_code) from exc


app = typer.Typer(
    cls=Fraudctl, epilog=EPILOG, no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False
)


@app.callback()
def locate(
    context: typer.Context,
    outputs: Annotated[Path, typer.Option(help="File saying where the system is.", envvar="FRAUDCTL_OUTPUTS")] = (
        DEFAULT_OUTPUTS
    ),
    stack: Annotated[str | None, typer.Option(help="CloudFormation stack, instead of --outputs.")] = None,
    region: Annotated[str | None, typer.Option(help="AWS region of --stack.")] = None,
    sign: Annotated[bool, typer.Option("--sign", help="Sign every call.", envvar="FRAUDCTL_SIGN")] = False,
) -> None:
    """Operate the Fraud Detection API: drop models, switch versions, score, read logs."""
    if region and not stack:
        raise typer.BadParameter("--region goes with --stack")
    context.obj = Source(outputs, stack, region, sign)


app.command("drop")(drop.drop)
app.command("deployment")(drop.deployment)
app.command("deployments")(drop.deployments)
app.command("versions")(versions.versions)
app.command("active")(versions.active)
app.command("card")(card.card)
app.command("approve")(versions.approve)
app.command("activate")(versions.activate)
app.command("rollback")(versions.rollback)
app.command("pardon")(versions.pardon)
app.command("predict")(predict.predict)
app.command("score")(score.score)
app.command("batch")(score.batch)
app.command("logs")(logs.logs)
app.command("health")(health.health)
app.command("metrics")(watch.metrics)
app.command("drift")(watch.drift)
app.command("labels")(watch.labels)
app.command("alerts")(watch.alerts)
app.command("register-keys")(access.register_keys)
app.command("evaluation")(access.evaluation)
app.add_typer(access.signing, name="signing")
app.add_typer(keys.keys, name="keys")
app.add_typer(rollouts.rollout, name="rollout")
app.add_typer(experiments.experiment, name="experiment")
app.add_typer(simulate.simulate, name="simulate")
app.command("forget")(forget.forget)
app.command("evidence")(audit.evidence)
app.add_typer(audit.audit, name="audit")
