"""The lean client against a server that misbehaves in every way we know."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fraud.aws.lean import Credentials, LeanClient, LeanError, Patience
from fraud.errors import NotFoundError, UnavailableError


def swift_client(url: str, retries: int = 2) -> LeanClient:
    patience = Patience(read_seconds=0.4, backoff_seconds=0.001, retries=retries)
    return LeanClient("eu-west-1", endpoint_url=url, credentials=lambda: Credentials("test", "test"), patience=patience)


class Scene:
    """A loopback server that plays one step of its script for each request, and the last one for ever."""

    def __init__(self, *script: Callable[["Visit"], None], tls: ssl.SSLContext | None = None) -> None:
        self.script = list(script)
        self.requests: list[bytes] = []
        self.connections = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("ThisVisit", (Visit,), {"scene": self}))
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def next_step(self) -> Callable[["Visit"], None]:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Visit(BaseHTTPRequestHandler):
    """One connection to a Scene."""

    protocol_version = "HTTP/1.1"
    scene: Scene

    def setup(self) -> None:
        super().setup()
        self.scene.connections += 1

    def do_POST(self) -> None:
        self.scene.requests.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.scene.next_step()(self)

    do_GET = do_POST  # noqa: N815 -- the server looks for this name

    def answer(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def good(visit: Visit) -> None:
    visit.answer(200, b'{"ok":true}')


def good_then_hangs_up(visit: Visit) -> None:
    visit.answer(200, b'{"ok":true}')
    visit.close_connection = True  # without a Connection: close header, so the client keeps its end


def broken(visit: Visit) -> None:
    visit.answer(500, b'{"__type":"InternalServerError"}')


def throttled(visit: Visit) -> None:
    visit.answer(400, b'{"__type":"com.amazon#ProvisionedThroughputExceededException"}')


def no_such_secret(visit: Visit) -> None:
    visit.answer(400, b'{"__type":"ResourceNotFoundException","Message":"gone"}')


def refused(visit: Visit) -> None:
    visit.answer(400, b'{"__type":"x#ValidationException","message":"no"}')


def truncated(visit: Visit) -> None:
    visit.answer(200, b'{"ok":', length=11)
    visit.close_connection = True


def unframed(visit: Visit) -> None:
    visit.wfile.write(b'HTTP/1.1 200 OK\r\n\r\n{"ok":true}')
    visit.close_connection = True


def hangs(visit: Visit) -> None:
    time.sleep(0.8)
    visit.close_connection = True


Stage = Callable[..., tuple[LeanClient, Scene]]


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Opens scenes and a client for each, and closes both."""
    opened: list[tuple[LeanClient, Scene]] = []

    def open_scene(*script: Callable[[Visit], None]) -> tuple[LeanClient, Scene]:
        scene = Scene(*script)
        opened.append((swift_client(scene.url), scene))
        return opened[-1]

    yield open_scene
    for client, scene in opened:
        client.close()
        scene.close()


def test_calls_share_one_kept_alive_connection(stage: Stage) -> None:
    client, scene = stage(good)

    for _ in range(5):
        client.dynamodb("GetItem", {})

    assert (len(scene.requests), scene.connections) == (5, 1)


def test_a_stale_connection_is_replaced_at_once_and_costs_no_retry(stage: Stage) -> None:
    # GIVEN a client that never retries, and a server that hangs up after each answer
    _, scene = stage(good_then_hangs_up)
    client = swift_client(scene.url, retries=0)
    client.dynamodb("GetItem", {})
    time.sleep(0.05)

    # WHEN it calls again over the connection it kept
    answer = client.dynamodb("GetItem", {})

    # THEN it is answered over a new one
    client.close()
    assert answer == {"ok": True}
    assert scene.connections == 2


@pytest.mark.parametrize("failure", [broken, throttled, truncated, unframed, hangs])
def test_a_passing_failure_is_not_seen_by_the_caller(stage: Stage, failure: Callable[[Visit], None]) -> None:
    client, scene = stage(failure, good)

    answer = client.dynamodb("GetItem", {"a": 1})

    assert answer == {"ok": True}
    assert scene.requests == [b'{"a":1}', b'{"a":1}']


@pytest.mark.parametrize("failure", [broken, throttled, truncated, unframed, hangs])
def test_a_lasting_failure_is_unavailable_after_three_attempts(stage: Stage, failure: Callable[[Visit], None]) -> None:
    client, scene = stage(failure)

    with pytest.raises(UnavailableError):
        client.dynamodb("GetItem", {})

    assert len(scene.requests) == 3


def test_a_refusal_is_not_tried_again(stage: Stage) -> None:
    client, scene = stage(refused)

    with pytest.raises(LeanError, match="ValidationException: no"):
        client.dynamodb("GetItem", {})

    assert len(scene.requests) == 1


def test_a_truncated_object_is_never_returned(stage: Stage) -> None:
    client, _ = stage(truncated)

    with pytest.raises(UnavailableError, match="IncompleteRead"):
        client.get_object("models", "k")


def test_a_secret_refused_as_aws_refuses_it_is_not_found(stage: Stage) -> None:
    client, _ = stage(no_such_secret)

    with pytest.raises(NotFoundError, match="secret token: ResourceNotFoundException: gone"):
        client.secret_value("token")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 signed by itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, SHA256())
    )
    path = tmp_path / "certificate.pem"
    unprotected = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(unprotected + signed.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def tls_scene(certificate: Path) -> Iterator[Scene]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    scene = Scene(good, tls=context)
    yield scene
    scene.close()


def test_tls_connections_are_kept_alive_too(
    tls_scene: Scene, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a trusted server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = swift_client(tls_scene.url.replace("http:", "https:"))

    # WHEN it is called twice
    answers = [client.dynamodb("GetItem", {}) for _ in range(2)]

    # THEN both calls went over one connection
    client.close()
    assert answers == [{"ok": True}, {"ok": True}]
    assert tls_scene.connections == 1


def test_a_server_without_a_trusted_certificate_is_never_sent_a_request(tls_scene: Scene) -> None:
    client = swift_client(tls_scene.url.replace("http:", "https:"))

    with pytest.raises(UnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
        client.dynamodb("GetItem", {})

    assert tls_scene.requests == []


def test_an_endpoint_nobody_listens_on_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = swift_client(f"http://127.0.0.1:{port}")

    with pytest.raises(UnavailableError, match="Refused"):
        client.secret_value("token")
