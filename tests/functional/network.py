"""A loopback proxy that counts the calls to AWS which pass through it."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@contextmanager
def counted(upstream: str) -> Iterator[tuple[str, list[str]]]:
    """The proxy's URL, and the operations that passed so far (`PutItem` …; for S3 `GET object`)."""
    seen: list[str] = []
    kept = {"seen": seen, "upstream": urlsplit(upstream).netloc}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Proxy,), kept))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
    thread.join()


class _Proxy(BaseHTTPRequestHandler):
    seen: list[str]
    upstream: str

    def do_POST(self) -> None:
        target = self.headers.get("X-Amz-Target")
        self.seen.append(target.rpartition(".")[2] if target else f"{self.command} object")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        onward = http.client.HTTPConnection(self.upstream, timeout=10)
        onward.request(self.command, self.path, body, dict(self.headers))
        reply = onward.getresponse()
        told = reply.read()
        onward.close()
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815 -- the server looks for these names

    def log_message(self, *args: object) -> None:
        """Say nothing."""
