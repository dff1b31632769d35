"""Erasure: what was recorded about one card or account goes."""

import time
from typing import Annotated

import typer

from cli.commands.keys import actor
from cli.options import target
from cli.render import out, waiting
from cli.target import aws_errors
from fraud.bulk.erasure_store import BatchErasure
from fraud.requests.erasure_store import ErasureStore
from fraud.requests.redaction import Redactor
from fraud.versions.erasure import Places
from fraud.versions.erasure import forget as erase
from fraud.versions.registry import Registry
from fraud.watch.label_erasure_store import LabelErasure


def forget(
    context: typer.Context,
    entity: Annotated[str, typer.Option(help="The entity_id as callers send it.", prompt=True)],
    reason: Annotated[str, typer.Option(help="Why; kept in the audit history.")],
    settle: Annotated[float, typer.Option(min=0, help="Seconds to wait for records still on their way.")] = 15.0,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase every record, label, archived line and bulk row of an entity; the audit chain still verifies."""
    if not yes:
        typer.confirm("Nothing brings these records back. Erase them?", abort=True)
    system = target(context)
    with aws_errors(), waiting("erasing"):
        token = Redactor(system.token_secret).token(entity)
        places = Places(
            ErasureStore(system.dynamodb(), system.s3(), system.requests_table, system.log_bucket),
            LabelErasure(system.dynamodb(), system.watch_table),
            BatchErasure(system.s3(), system.batch_bucket),
        )
        erased = erase(
            Registry(system.dynamodb(), system.registry_table),
            places,
            {token, entity},
            token=token,
            actor=actor(),
            why=reason,
            settle=lambda: time.sleep(settle),
        )
    counts = f"{erased.rows} records, {erased.lines} archived lines, {erased.labels} labels, {erased.files} files"
    out().print(f"{token}: erased {counts}", soft_wrap=True)
