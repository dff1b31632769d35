"""What an operator sets up once: what the stack's keys may do, the evaluation set, who may sign drops."""

import base64
import hashlib
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.table import Table

from cli.commands.keys import actor, managing
from cli.errors import InvalidInputError
from cli.options import target
from cli.render import out
from fraud.access.client import ADMIN, SCORING
from fraud.access.signing import SigningKey, sign
from fraud.access.signing_store import SigningKeys
from fraud.versions.clients import register_stack_keys
from fraud.versions.keys import EVALUATION_KEY, SIGNATURE_SUFFIX
from fraud.versions.version import valid_version

Name = Annotated[str, typer.Argument(help="What the key is called in every record it signs.")]
PublicKey = Annotated[str, typer.Argument(help="As new-key prints it.")]
signing = typer.Typer(no_args_is_help=True, help="Sign drops, and say whose signatures count.")


def register_keys(context: typer.Context) -> None:
    """Let the stack's admin key do everything and its client key score and read; needed once after a first deploy."""
    with managing(context) as (system, registry, _):
        register_stack_keys(registry, system.admin_api_key, system.api_key, actor=actor())
    for client in (ADMIN, SCORING):
        out().print(f"{client.name}: {', '.join(client.scopes)}")


def evaluation(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An .npz with X, y and columns; every later drop is measured on it.")],
) -> None:
    """Give the labelled rows that drops are measured on."""
    system = target(context)
    system.s3().put_object(Bucket=system.model_bucket, Key=EVALUATION_KEY, Body=_read(file))
    out().print(f"evaluation set at s3://{system.model_bucket}/{EVALUATION_KEY}", soft_wrap=True)


@signing.command("new-key")
def new_key(file: Annotated[Path, typer.Argument(help="Where the private key goes (PEM, mode 600).")]) -> None:
    """Make an Ed25519 key pair; prints the public half for `add`."""
    if file.exists():
        raise InvalidInputError(f"{file} exists already; a key is never overwritten")
    private = Ed25519PrivateKey.generate()
    file.touch(mode=0o600)
    file.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    out().print(base64.b64encode(private.public_key().public_bytes_raw()).decode())


@signing.command("add")
def add(
    context: typer.Context, name: Name, public_key: Annotated[str, typer.Argument(help="As new-key prints it.")]
) -> None:
    """Let a public key sign drops."""
    _keys(context).add(SigningKey(name, public_key))
    out().print(f"{name} may sign drops")


@signing.command("list")
def listed(context: typer.Context) -> None:
    """Show whose signatures count."""
    table = Table("name", "public key")
    for key in _keys(context).known():
        table.add_row(key.name, key.public_key)
    out().print(table)


@signing.command("revoke")
def revoke(context: typer.Context, name: Name) -> None:
    """Let a key sign no more."""
    _keys(context).revoke(name)
    out().print(f"{name} may not sign any more")


@signing.command("sign")
def sign_file(
    file: Annotated[Path, typer.Argument(help="The model as it will be dropped.")],
    version: Annotated[str, typer.Option(help="The version it will be dropped as.")],
    key: Annotated[Path, typer.Option(help="The private key new-key made.")],
) -> None:
    """Write FILE.sig, which `drop` uploads with the file."""
    digest = hashlib.sha256(_read(file)).hexdigest()
    signature = sign(_private(key), valid_version(version), digest)
    target_file = file.with_name(file.name + SIGNATURE_SUFFIX)
    target_file.write_text(signature + "\n")
    out().print(f"{target_file}: version {version}, sha256 {digest}", soft_wrap=True)


def _keys(context: typer.Context) -> SigningKeys:
    system = target(context)
    return SigningKeys(system.dynamodb(), system.registry_table)


def _private(file: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(_read(file), password=None)
    except ValueError as exc:
        raise InvalidInputError(f"{file} is not a private key in PEM") from exc
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInputError(f"{file} is not an Ed25519 key")
    return key


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise InvalidInputError(f"{file} cannot be read: {exc.strerror}") from exc
