"""Dropping a model and following what becomes of it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from cli.artefact import Artefact, read_artefact
from cli.errors import NEGATIVE, InvalidInputError, UnreachableError
from cli.follow import follow
from cli.options import AsJson, target
from cli.render import Body, out, print_json, show, waiting
from cli.steps import StepPrinter, deployment_card, deployments_table, verdict_line
from cli.target import Target, aws_refusal
from fraud.errors import InvalidRequestError
from fraud.versions.keys import MANIFEST_FILE, SIGNATURE_SUFFIX
from fraud.versions.version import valid_version

LOOK_SECONDS = 0.5
FILE_HELP = "The fitted model: any .joblib, or model.skops, model.txt, model.json, model.ubj."


def drop(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=FILE_HELP)],
    version: Annotated[str, typer.Option(help="v<major>.<minor>.<patch>, optionally -suffix.")],
    manifest: Annotated[Path | None, typer.Option(help="Its manifest; else manifest.json beside it, if any.")] = None,
    description: Annotated[str | None, typer.Option(help="What is new; goes into the manifest.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the deployment to its verdict.")] = True,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for the verdict.")] = 120.0,
    as_json: AsJson = False,
) -> None:
    """Drop a model into the model bucket and follow it until it is activated, held or rejected (exit 1)."""
    _require_version(version)
    artefact = read_artefact(file, manifest, description)
    system = target(context)
    key = _upload(system, version, artefact)
    dropped = {"version": version, "bucket": system.model_bucket, "key": key, "sha256": artefact.sha256}
    if not as_json:
        out().print(f"dropped s3://{system.model_bucket}/{key}, sha256 {artefact.sha256}", soft_wrap=True)
    if not wait:
        return print_json(dropped) if as_json else None
    return _await_verdict(system, dropped, as_json, timeout)


def deployment(
    context: typer.Context,
    deployment_id: Annotated[str, typer.Argument(metavar="ID", help="As `deployments` lists it.")],
    as_json: AsJson = False,
) -> None:
    """Show one deployment, step by step."""
    reply = target(context).control.get(f"/deployments/{quote(deployment_id, safe='')}")
    show(reply, as_json, deployment_card)


def deployments(
    context: typer.Context,
    version: Annotated[str | None, typer.Option(help="Those of one version.")] = None,
    as_json: AsJson = False,
) -> None:
    """List deployments, newest first."""
    show(target(context).control.get("/deployments", {"version": version}), as_json, deployments_table)


def _require_version(version: str) -> None:
    try:
        valid_version(version)
    except InvalidRequestError as exc:
        raise InvalidInputError(exc.message) from exc


def _upload(system: Target, version: str, artefact: Artefact) -> str:
    """Put the manifest and the signature, then the model: the model's arrival starts the deployment."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- most commands never need the SDK

    key = f"drops/{version}/{artefact.name}"
    manifest = json.dumps(artefact.manifest, indent=2).encode()
    try:
        s3 = system.s3()
        signed = [(key + SIGNATURE_SUFFIX, artefact.signature)] if artefact.signature else []
        for name, data in ((f"drops/{version}/{MANIFEST_FILE}", manifest), *signed, (key, artefact.data)):
            checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
            s3.put_object(Bucket=system.model_bucket, Key=name, Body=data, ChecksumSHA256=checksum)
    except ClientError as exc:
        raise aws_refusal(exc) from exc
    except BotoCoreError as exc:
        raise UnreachableError(f"S3: {exc}") from exc
    return key


def _await_verdict(system: Target, dropped: dict[str, str], as_json: bool, timeout_seconds: float) -> None:
    looks = follow(
        system.control,
        dropped["version"],
        dropped["sha256"],
        timeout_seconds=timeout_seconds,
        interval_seconds=LOOK_SECONDS,
    )
    found = _last(looks) if as_json else _last_printing_steps(looks)
    if as_json:
        print_json(found)
    else:
        out().print(verdict_line(found), soft_wrap=True)
    if found["state"] == "rejected":
        raise typer.Exit(NEGATIVE)


def _last(looks: Iterator[Body]) -> Body:
    *_, last = looks
    return last


def _last_printing_steps(looks: Iterator[Body]) -> Body:
    printer, found = StepPrinter(), Body()
    with waiting("waiting for the verdict"):
        for found in looks:
            printer.print_new(found)
    return found
