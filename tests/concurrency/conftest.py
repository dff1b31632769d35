"""A registry table on a DynamoDB that keeps its promises under concurrency.

ministack (pure Python, so everywhere) always; dynoxide too where `make envs` could install it. Never moto, which lets
several transactions win.
"""

import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from fraud.audit.chain import Entry
from fraud.traffic.experiment import Experiment
from fraud.traffic.rollout import Rollout
from fraud.traffic.routing import Routing
from fraud.versions.registry import Registry
from fraud.versions.version import ModelVersion
from fraud.watch.rules import Alert
from local import cloud
from local.place import Place
from tests.tables import table

ROOT = Path(__file__).parents[2]
DYNOXIDE = ROOT / ".local/npm/node_modules/@dynoxide/linux-x64/dynoxide"
READY_SECONDS = 10.0
THREADS = 16
READ = (Routing, ModelVersion, Rollout, Experiment, Entry, Alert)


def dynoxide() -> str | None:
    """The program, where it is installed."""
    return shutil.which("dynoxide") or (str(DYNOXIDE) if DYNOXIDE.exists() else None)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="package", autouse=True)
def described() -> None:
    """msgspec 0.22 describes a type at its first use and crashes when threads do so at once; a function has one."""
    for kind in READ:
        msgspec.json.Decoder(kind)


@pytest.fixture(scope="package", params=["ministack", "dynoxide"])
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running DynamoDB."""
    port, state = free_port(), tmp_path_factory.mktemp("dynamodb")
    if request.param == "ministack":
        place = Place(ROOT, state, port)
        cloud.start(place)
        yield place.endpoint
        cloud.stop(place)
        return
    binary = dynoxide()
    if binary is None:
        pytest.skip("dynoxide is not installed (needs npm): ministack alone was asked")
    server = subprocess.Popen([binary, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(timeout=5)


@pytest.fixture
def dynamodb(endpoint: str) -> Any:
    """A client every thread may share."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        aws_session_token=None,
        config=Config(max_pool_connections=THREADS * 2, retries={"mode": "standard", "max_attempts": 4}),
    )


@pytest.fixture
def registry(dynamodb: Any) -> Registry:
    """An empty registry table."""
    return Registry(dynamodb, empty_table(dynamodb, "Registry"))


@pytest.fixture
def requests(dynamodb: Any) -> str:
    """The name of an empty requests table."""
    return empty_table(dynamodb, "Requests")


def empty_table(dynamodb: Any, logical_id: str) -> str:
    """Make a table of the template under a name of its own, as soon as DynamoDB answers."""
    name = f"{logical_id}-{uuid.uuid4().hex}"
    arguments = {**table(logical_id), "TableName": name}
    deadline = time.monotonic() + READY_SECONDS
    while True:
        with suppress(BotoCoreError):
            dynamodb.create_table(**arguments)
            return name
        assert time.monotonic() < deadline, "DynamoDB did not answer"
        time.sleep(0.05)
