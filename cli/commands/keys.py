"""Keys: who may call, what, and until when."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from cli.duration import seconds
from cli.errors import InvalidInputError, RefusedError
from cli.gateway import Gateway
from cli.options import target
from cli.render import add_row, grid, out
from cli.target import Target, aws_errors
from fraud.access.client import Client, digest
from fraud.access.webhook import EVENTS, derived_secret
from fraud.clock import now, rfc3339
from fraud.errors import FraudError, InvalidRequestError
from fraud.versions import clients
from fraud.versions.registry import Registry

Name = Annotated[str, typer.Option("--client", help="Whose key; the name in every history.")]
keys = typer.Typer(no_args_is_help=True, help="Issue, rotate and revoke API keys.")


def actor() -> str:
    """Who types this, for histories."""
    return f"fraudctl:{getpass.getuser()}"


@contextmanager
def managing(context: typer.Context) -> Iterator[tuple[Target, Registry, Gateway]]:
    """The system, its registry and its gateway; what they refuse becomes one line."""
    system = target(context)
    try:
        with aws_errors():
            gateway = Gateway(system.api_gateway(), system.usage_plan_id)
            yield system, Registry(system.dynamodb(), system.registry_table), gateway
    except InvalidRequestError as exc:
        raise InvalidInputError(exc.message) from exc
    except FraudError as exc:
        raise RefusedError(exc.status, exc.code, exc.message) from exc


@keys.command("create")
def create(
    context: typer.Context,
    client: Name,
    scopes: Annotated[str, typer.Option(help="What it may do, separated by commas: predict,logs:read …")],
    expires: Annotated[str | None, typer.Option(help="After which span it ends: 90d, 12h. Default: never.")] = None,
    signed: Annotated[bool, typer.Option("--signed", help="Its calls must be signed.")] = False,
) -> None:
    """Make a key; it is shown once and stored nowhere."""
    not_after = int(now().timestamp()) + seconds(expires) if expires else None
    with managing(context) as (system, registry, gateway):
        made = clients.new_client(client, scopes.split(","), not_after=not_after, signs=signed)
        with _issued(gateway, client) as (key, key_id):
            clients.create(registry, key, msgspec.structs.replace(made, key_id=key_id), actor=actor())
        _show(system, key, made)


@keys.command("list")
def listed(context: typer.Context) -> None:
    """Show every key by client, with what it may do and how long."""
    table = grid("client", "key", "scopes", "signed", "created", "ends", "state")
    with managing(context) as (_, registry, _gateway):
        for known in registry.clients():
            _row(table, known.digest, known.client)
    out().print(table)


@keys.command("rotate")
def rotate(
    context: typer.Context,
    client: Name,
    overlap: Annotated[str, typer.Option(help="How long the old keys stay good.")] = "7d",
) -> None:
    """Make a new key with the same rights; the old ones end after the overlap."""
    with managing(context) as (system, registry, gateway):
        old = clients.standing(registry, client)
        with _issued(gateway, client) as (key, key_id):
            fresh = clients.rotate(registry, old, key, key_id, overlap=seconds(overlap), actor=actor())
        _show(system, key, fresh)
    out().print(f"{len(old)} old key(s) end in {overlap}")


@keys.command("revoke")
def revoke(
    context: typer.Context,
    client: Name,
    key: Annotated[str | None, typer.Option(help="Only this one: its first letters in `keys list`.")] = None,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit history.")] = "",
) -> None:
    """End the keys of a client: obeyed everywhere within 60 s, for ever."""
    with managing(context) as (_, registry, gateway):
        gone = [known for known in clients.standing(registry, client) if known.digest.startswith(key or "")]
        if not gone:
            raise InvalidInputError(f"client {client} has no such key")
        clients.revoke(registry, gone, actor=actor(), why=reason)
        for known in gone:
            if known.client.key_id:
                gateway.switch_off(known.client.key_id)
    out().print(f"{client}: {len(gone)} key(s) revoked")


@keys.command("event-secret")
def event_secret(context: typer.Context) -> None:
    """Print the secret that events are signed with, for those who receive them."""
    out().print(derived_secret(target(context).signing_secret(), EVENTS), soft_wrap=True)


@contextmanager
def _issued(gateway: Gateway, client: str) -> Iterator[tuple[str, str]]:
    """A new key in the usage plan, taken back when it cannot be registered."""
    key = clients.new_key()
    key_id = gateway.add(client, key)
    try:
        yield key, key_id
    except BaseException:
        gateway.remove(key_id)
        raise


def _show(system: Target, key: str, client: Client) -> None:
    until = _moment(client.not_after) if client.not_after else "for ever"
    out().print(f"key     {key}", soft_wrap=True)
    if client.signs:
        out().print(f"secret  {derived_secret(system.signing_secret(), digest(key))}", soft_wrap=True)
    out().print(f"client {client.name}: {', '.join(client.scopes)}, good {until}", soft_wrap=True)


def _row(table: Table, key_digest: str, client: Client) -> None:
    ended = client.not_after is not None and now().timestamp() >= client.not_after
    state = "revoked" if client.revoked_at else "expired" if ended else "good"
    ends = client.revoked_at or (_moment(client.not_after) if client.not_after else "never")
    signed = "yes" if client.signs else "no"
    add_row(table, client.name, key_digest[:12], ", ".join(client.scopes), signed, client.created_at, ends, state)


def _moment(seconds_since_1970: int) -> str:
    return rfc3339(datetime.fromtimestamp(seconds_since_1970, UTC))
