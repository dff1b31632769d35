"""One bulk batch as an operator follows it: upload, progress, results."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from cli.api import Api
from cli.errors import CliError, InvalidInputError, RefusedError, UnreachableError
from cli.render import Body
from cli.target import Target, aws_errors
from fraud.bulk.job import CANCELLED, DONE, FAILED, SPLITTING
from fraud.bulk.names import INCOMING, MANIFEST, format_of
from fraud.clock import ulid

ENDED = (DONE, FAILED, CANCELLED)
LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 60.0


def upload(system: Target, file: Path) -> str:
    """Put a file under a key nobody else uses; its address. InvalidInputError for one that cannot be scored."""
    if format_of(file.name) is None:
        raise InvalidInputError(f"{file.name} ends in none of .csv, .ndjson, .parquet")
    if not file.is_file():
        raise InvalidInputError(f"{file} is not a file")
    key = f"{INCOMING}{ulid()}/{file.name}"
    with aws_errors():
        system.s3().upload_file(str(file), system.batch_bucket, key)
    return f"s3://{system.batch_bucket}/{key}"


def looks(api: Api, batch_id: str) -> Iterator[Body]:
    """Each look at the batch; ends after the one in which it has ended. An API that is away is asked for a minute."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            found = api.get(f"/batches/{batch_id}").body
        except CliError as exc:
            passing = isinstance(exc, UnreachableError) or (isinstance(exc, RefusedError) and exc.passing)
            if not passing or time.monotonic() > give_up_at:
                raise
        else:
            give_up_at = time.monotonic() + PATIENCE_SECONDS
            yield found
            if found["state"] in ENDED:
                return
        time.sleep(LOOK_SECONDS)


def follow(api: Api, batch_id: str) -> Body:
    """The batch once it has ended, with a bar of its rows on standard error until then."""
    last: Body = {}
    with _bar() as bar:
        task = bar.add_task("queued", total=None, told="")
        for last in looks(api, batch_id):
            _show(bar, task, last)
    return last


def download(system: Target, ended: Body, directory: Path) -> Body:
    """Fetch every file the manifest names, and the manifest last; the manifest."""
    bucket, _, prefix = ended["results"]["location"].removeprefix("s3://").partition("/")
    s3 = system.s3()
    directory.mkdir(parents=True, exist_ok=True)
    with aws_errors():
        text: bytes = s3.get_object(Bucket=bucket, Key=prefix + MANIFEST)["Body"].read()
        manifest: Body = json.loads(text)
        for one in (*manifest["parts"], *manifest["errors"]):
            s3.download_file(bucket, prefix + one["name"], str(directory / Path(one["name"]).name))
    (directory / MANIFEST).write_bytes(text)
    return manifest


def _bar() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}")
    return Progress(*columns, console=Console(stderr=True))


def _show(bar: Progress, task: TaskID, found: Body) -> None:
    counted = found["done"] + found["failed"]
    left = f", {found['eta_seconds']:,.0f} s left" if found["eta_seconds"] else ""
    told = f"{counted:,} of {found['total']:,} rows, {found['rows_per_second']:,.0f} rows/s{left}"
    known = found["total"] if found["state"] != SPLITTING else None
    bar.update(task, description=found["state"], total=known, completed=counted, told=told)
