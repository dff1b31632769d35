"""A system for fraudctl to talk to: an HTTP server answering like the API, and moto's S3."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.moto_server import moto_server

PREFIX = "/v1/api/v1"
BUCKET = "models"


class Asked(NamedTuple):
    """One request the server saw."""

    method: str
    path: str
    query: dict[str, str]
    key: str | None
    body: Any


class ApiServer:
    """Answers each route with its replies in turn, the last one for ever; unknown routes with the API's 404."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.raw: list[tuple[dict[str, str], bytes]] = []  # headers and body as they came
        self._replies: dict[tuple[str, str], list[tuple[int, bytes]]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("ThisVisit", (Visit,), {"api": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def answers(self, method: str, path: str, *bodies: object, status: int = 200) -> None:
        raw = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
        self._replies.setdefault((method, path), []).extend((status, one) for one in raw)

    def reply(self, asked: Asked) -> tuple[int, bytes]:
        self.asked.append(asked)
        replies = self._replies.get((asked.method, asked.path))
        if not replies:
            return 404, b'{"error":{"code":"not_found","message":"there is no such route"}}'
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Visit(BaseHTTPRequestHandler):
    """One request to an ApiServer."""

    api: ApiServer

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.api.raw.append(({name.lower(): value for name, value in self.headers.items()}, raw))
        status, body = self.api.reply(
            Asked(
                method=self.command,
                path=parts.path.removeprefix(PREFIX),
                query=dict(parse_qsl(parts.query)),
                key=self.headers.get("x-api-key"),
                body=json.loads(raw) if raw else None,
            )
        )
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/v1/api/v1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 -- the server looks for this name

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[ApiServer]:
    server = ApiServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def cloud() -> Iterator[str]:
    """The endpoint of a moto server with the model bucket in it."""
    with moto_server() as url:
        s3 = boto3.client("s3", "us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test")
        s3.create_bucket(Bucket=BUCKET)
        s3.close()
        yield url


@pytest.fixture
def outputs(api: ApiServer, tmp_path: Path) -> Path:
    """An outputs file that leads to the API; its cloud is nowhere until a test says so."""
    path = tmp_path / "outputs.json"
    write_outputs(path, api.url, "http://127.0.0.1:1")
    return path


@pytest.fixture
def with_cloud(outputs: Path, api: ApiServer, cloud: str) -> None:
    """Lets the outputs file lead to the cloud as well."""
    write_outputs(outputs, api.url, cloud)


def write_outputs(path: Path, api_url: str, endpoint_url: str) -> None:
    document = {
        "api_url": api_url,
        "api_key": "scoring-key",
        "admin_api_key": "admin-key",
        "model_bucket": BUCKET,
        "batch_bucket": BUCKET,
        "registry_table": "Registry",
        "region": "us-east-1",
        "endpoint_url": endpoint_url,
    }
    path.write_text(json.dumps(document))


@pytest.fixture
def fraudctl(outputs: Path) -> Callable[..., Result]:
    """Runs fraudctl as an operator types it."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--outputs", str(outputs), *arguments], input=stdin)

    return run
