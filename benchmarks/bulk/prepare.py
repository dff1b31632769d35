"""What a bulk benchmark needs before it can run: stand-ins, a packed model, a file of generated rows, a batch."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.bulk.place import Place, client
from fraud.bulk.job import QUEUED, Job, Source
from fraud.bulk.names import CSV, of_object
from fraud.clock import now, rfc3339
from fraud.packing import pack
from fraud.scoring.risk import Thresholds
from fraud.scoring.schema import Feature, Schema
from fraud.versions.version import ModelVersion, Provenance
from local.template import load_template
from training.generator import generate

ROOT = Path(__file__).parents[2]
VERSION, KEY, BUCKET = "v1.0.0", "incoming/rows.csv", "batches"
VISIBILITY_SECONDS = 30
ROWS_AT_ONCE = 100_000


@contextmanager
def log_table(directory: Path) -> Iterator[str]:
    """The address of a running stand-in for the requests table."""
    port_file = directory / "log.port"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.bulk.log_table", str(port_file)], env=environment)
    try:
        while not (port_file.exists() and port_file.read_text()):
            assert server.poll() is None
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port_file.read_text()}"
    finally:
        server.terminate()
        server.wait()


def place(directory: Path, endpoint: str, log_url: str) -> Place:
    """Queues and the batches table in the stand-in for AWS."""
    sqs, dynamodb = client(endpoint, "sqs"), client(endpoint, "dynamodb")
    name = f"Batches-{directory.name}"
    told = load_template(ROOT / "template.yaml")["Resources"]["Batches"]["Properties"]
    kept = {key: told[key] for key in ("BillingMode", "AttributeDefinitions", "KeySchema")}
    dynamodb.create_table(TableName=name, **kept)
    urls = [
        sqs.create_queue(
            QueueName=f"{queue}-{directory.name}", Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)}
        )["QueueUrl"]
        for queue in ("parts", "steps")
    ]
    return Place(str(directory), BUCKET, endpoint, log_url, name, *urls)


def put_model(directory: Path, model: Any, X: Any, names: list[str]) -> None:
    """Pack a fitted model and lay it where workers find it."""
    packed = pack(model, feature_names=names).model
    digest = hashlib.sha256(packed).hexdigest()
    medians = np.median(X, axis=0)
    record = ModelVersion(
        version=VERSION,
        created_at=rfc3339(now()),
        sha256=digest,
        packed_sha256=digest,
        packed_key="model.fpm",
        packed_bytes=len(packed),
        family=type(model).__name__,
        thresholds=Thresholds(),
        schema=Schema(tuple(Feature(name, float(middle)) for name, middle in zip(names, medians, strict=True))),
        provenance=Provenance(drop_key=""),
    )
    (directory / "version.json").write_bytes(msgspec.json.encode(record))
    (directory / "model.fpm").write_bytes(packed)


def put_rows(directory: Path, rows: int) -> Path:
    """A CSV of generated transactions, made piece by piece; `t-1` is the first."""
    path = directory / BUCKET / KEY
    path.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    with path.open("w") as file:
        while number < rows:
            made = generate(rows=max(100, min(ROWS_AT_ONCE, rows - number)), seed=1000 + number)
            if not number:
                file.write(",".join(("transaction_id", *made.columns)) + "\n")
            for row in made.X[: rows - number].tolist():
                number += 1
                file.write(f"t-{number}," + ",".join(map(repr, row)) + "\n")
    return path


def job_of(path: Path) -> Job:
    """The batch that scores the file."""
    etag = str(path.stat().st_size)
    return Job(
        batch_id=of_object(KEY, etag),
        state=QUEUED,
        input=f"s3://{BUCKET}/{KEY}",
        source=Source(KEY, CSV, etag=etag),
        model_version=VERSION,
        created_at=rfc3339(now()),
        by="benchmark",
        expires_at=0,
    )
