"""A way to DynamoDB on which replies get lost, calls are throttled and transactions meet each other."""

import json
import random
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

THROTTLED = b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down"}'
MET = b'{"__type": "com.amazonaws.dynamodb.v20120810#TransactionInProgressException", "message": "in progress"}'
LOST = b'{"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "lost"}'


def conflict(writes: int) -> bytes:
    """What DynamoDB says to a transaction of so many writes when another one is busy with the first."""
    reasons = [{"Code": "TransactionConflict"}, *[{"Code": "None"}] * (writes - 1)]
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    return json.dumps({"__type": kind, "message": "conflict", "CancellationReasons": reasons}).encode()


class FaultyWay:
    """Forwards to an endpoint; of the transactions a share is throttled, refused, or loses its reply once applied."""

    def __init__(self, endpoint: str, seed: int, share: float = 0.1) -> None:
        self.endpoint, self.share, self.injected = endpoint, share, 0
        self._dice, self._lock = random.Random(seed), threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Way", (_Forward,), {"way": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fate(self, target: str) -> str:
        """What becomes of a call."""
        with self._lock:
            if not target.endswith("TransactWriteItems") or self._dice.random() > self.share:
                return "well"
            self.injected += 1
            return self._dice.choice(["throttled", "met", "conflicting", "lost"])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Forward(BaseHTTPRequestHandler):
    way: FaultyWay
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fate = self.way.fate(self.headers["X-Amz-Target"])
        if fate == "throttled":
            return self._answer(400, THROTTLED)
        if fate == "met":
            return self._answer(400, MET)
        if fate == "conflicting":
            return self._answer(400, conflict(len(json.loads(body)["TransactItems"])))
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
        request = urllib.request.Request(self.way.endpoint, data=body, headers=kept, method="POST")  # noqa: S310 -- loopback
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
                status, answer = reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            status, answer = refused.code, refused.read()
        return self._answer(500, LOST) if fate == "lost" else self._answer(status, answer)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""
