"""A function in a real Runtime Interface Client process, as Lambda starts it, and what its first answer cost.

The runtime API is https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html; this plays its server for one
invocation and then kills the process.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.subject import ROOT

ANSWER_SECONDS = 60.0
HEADERS = {
    "Lambda-Runtime-Aws-Request-Id": "00000000-0000-0000-0000-000000000000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:000000000000:function:cold",
    "Lambda-Runtime-Trace-Id": "Root=1-0-0",
    "Content-Type": "application/json",
}


class Start(NamedTuple):
    """One cold start: seconds by the clock and of CPU until the first answer, and megabytes at the peak."""

    wall: float
    cpu: float
    megabytes: float
    answer: dict[str, Any]


def start(handler: str, event: dict[str, Any], environment: dict[str, str]) -> Start:
    """Start the process, hand it one event, kill it when it has answered."""
    with runtime_api(event) as (address, answers):
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=ROOT,
            env={**_inherited(), **environment, "AWS_LAMBDA_RUNTIME_API": address, "_HANDLER": handler},
            stdout=subprocess.DEVNULL,
        )
        try:
            answered = answers.get(timeout=ANSWER_SECONDS)
            wall = time.perf_counter() - began
            megabytes = _peak_megabytes(process.pid)
        finally:
            process.kill()
            _, _, spent = os.wait4(process.pid, 0)
            process.returncode = 0
    return Start(wall, spent.ru_utime + spent.ru_stime, megabytes, json.loads(answered))


def _peak_megabytes(pid: int) -> float:
    """The most memory the process has held; rusage would count what it was before its program was loaded."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


@contextmanager
def runtime_api(event: dict[str, Any]) -> Iterator[tuple[str, "queue.Queue[bytes]"]]:
    """The runtime API's address, and where the answer to its one event will be."""
    answers: queue.Queue[bytes] = queue.Queue()
    events = queue.Queue[bytes]()
    events.put(json.dumps(event).encode())
    kept = {"events": events, "answers": answers}
    server = _Server(("127.0.0.1", 0), type("Handler", (_RuntimeApi,), kept))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The process was killed while it waited for a second event: as meant."""


class _RuntimeApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    events: "queue.Queue[bytes]"
    answers: "queue.Queue[bytes]"

    def do_GET(self) -> None:
        """The next invocation; a second one never comes."""
        deadline = {"Lambda-Runtime-Deadline-Ms": str(int(time.time() + ANSWER_SECONDS) * 1000)}
        self._reply(200, self.events.get(), **HEADERS, **deadline)

    def do_POST(self) -> None:
        """The answer, or why there is none."""
        self.answers.put(self.rfile.read(int(self.headers["Content-Length"])))
        self._reply(202, b"{}")

    def _reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def _inherited() -> dict[str, str]:
    paths = f"{ROOT}:{ROOT / 'layers/fraud'}"
    return {"PATH": os.environ["PATH"], "PYTHONPATH": paths, "LAMBDA_TASK_ROOT": str(ROOT), **FUNCTION}


FUNCTION = {
    "AWS_LAMBDA_FUNCTION_NAME": "cold",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_LOG_GROUP_NAME": "cold",
    "AWS_LAMBDA_LOG_STREAM_NAME": "cold",
}
