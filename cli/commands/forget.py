"""Erasure: what was recorded about one card or account goes."""

import time
from typing import Annotated

import typer

from cli.commands.keys import actor
from cli.options import target
from cli.render import out, waiting
from cli.target import aws_errors
from fraud.requests.erasure_store import ErasureStore
from fraud.requests.redaction import Redactor
from fraud.versions.erasure import forget as erase
from fraud.versions.registry import Registry


def forget(
    context: typer.Context,
    entity: Annotated[str, typer.Option(help="The entity_id as callers send it.", prompt=True)],
    reason: Annotated[str, typer.Option(help="Why; kept in the audit history.")],
    settle: Annotated[float, typer.Option(min=0, help="Seconds to wait for records still on their way.")] = 15.0,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase every record of an entity from the requests table and the log archive; the audit chain still verifies."""
    if not yes:
        typer.confirm("Nothing brings these records back. Erase them?", abort=True)
    system = target(context)
    with aws_errors(), waiting("erasing"):
        token = Redactor(system.token_secret).token(entity)
        store = ErasureStore(system.dynamodb(), system.s3(), system.requests_table, system.log_bucket)
        erased = erase(
            Registry(system.dynamodb(), system.registry_table),
            store,
            {token, entity},
            token=token,
            actor=actor(),
            why=reason,
            settle=lambda: time.sleep(settle),
        )
    out().print(f"{token}: {erased.rows} records and {erased.lines} archived lines erased", soft_wrap=True)
