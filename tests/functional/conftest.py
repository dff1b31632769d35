"""The stack's tables, buckets, topic and secret, made from the template's own definitions, and its handlers."""

import importlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from fraud.access.client import SCORING_SCOPES, client_pk, digest
from fraud.aws.lean.attributes import to_attributes
from fraud.packing.child import examine
from fraud.versions import drops
from fraud.versions.quarantine import QuarantineReport
from tests.tables import table

Handler = Callable[[dict[str, Any]], Any]
FUNCTIONS = sorted(path.parent.name for path in (Path(__file__).parents[2] / "functions").glob("*/app.py"))
EVENTS = Path(__file__).parents[2] / "events"
ADMIN_KEY, CLIENT_KEY = "admin-key", "client-key"


class Stack:
    """What a test sees of the stack: clients, names, handlers."""

    model_bucket, log_bucket, audit_bucket = "stack-models", "stack-logs", "stack-audit"
    batch_bucket = "stack-batches"

    def __init__(self) -> None:
        self.dynamodb: Any = boto3.client("dynamodb")
        self.s3: Any = boto3.client("s3")
        self.topic: str = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
        self.secret: str = boto3.client("secretsmanager").create_secret(Name="token", SecretString="s3cret")["ARN"]
        self.signing: str = boto3.client("secretsmanager").create_secret(Name="signing", SecretString="m4st3r")["ARN"]
        sqs = boto3.client("sqs")
        self.parts_queue, self.steps_queue = (sqs.create_queue(QueueName=one)["QueueUrl"] for one in ("parts", "steps"))
        self.bus = "stack-events"
        boto3.client("events").create_event_bus(Name=self.bus)
        for name in ("Registry", "Requests", "Watch", "Nonces", "Batches"):
            self.dynamodb.create_table(**table(name))
        for bucket in (self.model_bucket, self.log_bucket, self.audit_bucket, self.batch_bucket):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for bucket in (self.model_bucket, self.audit_bucket, self.batch_bucket):
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def items(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table, as attributes."""
        found: list[dict[str, Any]] = self.dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]
        return found

    def call(self, function: str, event: dict[str, Any]) -> Any:
        """Run a function's handler as Lambda would."""
        return importlib.import_module(f"functions.{function}.app").handler(event, None)


class Invoked(BaseHTTPRequestHandler):
    """Lambda's Invoke, as far as functions of ours call each other: runs the handler, answers what it gives."""

    def do_POST(self) -> None:
        name = self.path.split("/")[3].removeprefix("stack-")
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            answer, failed = importlib.import_module(f"functions.{name}.app").handler(event, None), False
        except Exception as error:
            answer, failed = {"errorType": type(error).__name__}, True
        body = json.dumps(answer).encode()
        self.send_response(200)
        if failed:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


_made, _clients = boto3.client, dict[tuple[Any, ...], Any]()


def _kept_client(service: str, config: Any = None, **options: Any) -> Any:
    if options:
        return _made(service, config=config, **options)  # type: ignore[call-overload]
    told = sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
    key = (service, id(config), *told)
    if key not in _clients:
        _clients[key] = _made(service, config=config)  # type: ignore[call-overload]
    return _clients[key]


@pytest.fixture(autouse=True)
def kept_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's clients are made once for each environment: to make one takes longer than most tests."""
    monkeypatch.setattr(boto3, "client", _kept_client)


@pytest.fixture(scope="session")
def lambdas() -> Iterator[str]:
    """Where functions are invoked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Invoked)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def stack(aws: str, lambdas: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A fresh stack; handlers start cold."""
    made = Stack()
    for name, value in environment(made, lambdas).items():
        monkeypatch.setenv(name, value)
    grant(made, ADMIN_KEY, "admin", ["*"])
    grant(made, CLIENT_KEY, "scoring", list(SCORING_SCOPES))
    go_cold()
    yield made
    go_cold()


def environment(stack: Stack, lambdas: str) -> dict[str, str]:
    """What the template tells the functions, all of them at once; `lambdas` is where they are invoked."""
    return {
        "STAGE": "dev",
        "REGISTRY_TABLE": "Registry",
        "REQUESTS_TABLE": "Requests",
        "WATCH_TABLE": "Watch",
        "MODEL_BUCKET": stack.model_bucket,
        "LOG_BUCKET": stack.log_bucket,
        "AUDIT_BUCKET": stack.audit_bucket,
        "BATCH_BUCKET": stack.batch_bucket,
        "BATCHES_TABLE": "Batches",
        "PARTS_QUEUE_URL": stack.parts_queue,
        "STEPS_QUEUE_URL": stack.steps_queue,
        "ALERT_TOPIC_ARN": stack.topic,
        "EVENT_BUS": stack.bus,
        "TOKEN_SECRET_ARN": stack.secret,
        "SIGNING_SECRET_ARN": stack.signing,
        "NONCE_TABLE": "Nonces",
        "PREDICT_FUNCTION": "stack-predict",
        "AWS_ENDPOINT_URL_LAMBDA": lambdas,
        "ROUTING_CACHE_SECONDS": "0",
    }


_reports: dict[tuple[bytes, bytes], QuarantineReport] = {}


def _packed_here(artefact: Path, manifest: Path | None, _: Path) -> QuarantineReport:
    told = (artefact.read_bytes(), manifest.read_bytes() if manifest else b"{}")
    if told not in _reports:
        _reports[told] = examine(artefact, told[1])
    return _reports[told]


@pytest.fixture
def packed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pack` opens artefacts in this process instead of one of their own, whose start takes seconds.

    The same bytes are opened once, as the same report comes of them.
    """
    monkeypatch.setattr(drops, "_packed", _packed_here)


def grant(stack: Stack, key: str, name: str, scopes: list[str], **more: Any) -> None:
    """Register a client under its key's SHA-256."""
    item = {"pk": client_pk(digest(key)), "sk": "META", "name": name, "scopes": scopes, **more}
    stack.dynamodb.put_item(TableName="Registry", Item=to_attributes(item))


def go_cold() -> None:
    """Forget what warm functions keep between invocations."""
    from fraud.aws import clients
    from fraud.aws.lean.client import lean_client
    from fraud.http import access

    for held in (clients.client, access.guard, access.tokens, lean_client):
        held.cache_clear()
    for function in FUNCTIONS:
        module = importlib.import_module(f"functions.{function}.app")
        for held in vars(module).values():
            if hasattr(held, "cache_clear"):
                held.cache_clear()


@pytest.fixture(scope="session")
def event() -> Callable[..., dict[str, Any]]:
    """A recorded event of `events/`, with the given top-level fields replaced."""

    def load(name: str, **changes: Any) -> dict[str, Any]:
        recorded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
        return {**recorded, **changes}

    return load
