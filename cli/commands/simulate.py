"""What production would decide, on made-up traffic."""

from typing import Annotated

import msgspec
import typer

from cli.commands.rollouts import Bake, Steps, percentages
from cli.render import out
from cli.rollout_picture import findings
from cli.simulation import Behaviour, simulated

simulate = typer.Typer(no_args_is_help=True, help="Try the decision code on made-up traffic.")


@simulate.command("rollout")
def rollout(
    errors: Annotated[float, typer.Option(help="Share of requests the candidate fails.")] = 0.001,
    alerts: Annotated[float, typer.Option(help="Share of requests it calls fraud.")] = 0.005,
    latency_ms: Annotated[float, typer.Option(help="Its median answer time.")] = 3.0,
    score: Annotated[float, typer.Option(help="Its mean risk score.")] = 8.0,
    steps: Steps = "5,25,100",
    bake_minutes: Bake = 10.0,
    per_minute: Annotated[int, typer.Option(help="Requests a minute, of both versions.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed, other traffic.")] = 0,
) -> None:
    """Roll out a version that behaves like this beside one with the defaults."""
    how = Behaviour(errors, alerts, latency_ms, score)
    looks = simulated(
        how,
        Behaviour(),
        steps=tuple(percentages(steps)),
        bake_minutes=bake_minutes,
        requests_per_tick=per_minute,
        seed=seed,
    )
    last = None
    for minute, last in enumerate(looks, 1):
        if last.verdict.action != "wait":
            out().print(f"minute {minute}, {last.requests} requests: {last.verdict.action}: {last.verdict.words}")
    if last:
        out().print(findings(msgspec.to_builtins(last.verdict.findings)))
