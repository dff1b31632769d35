"""The process that stands in for AWS: start it, know whether it lives, stop it with all it started."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from local.children import Command, ending_signals_deferred, signal_group
from local.errors import LocalError, StepFailedError
from local.place import ACCESS_KEY, REGION, SECRET_KEY, Place

READY_SECONDS = 60.0
STOP_SECONDS = 2.0

_started: "dict[int, subprocess.Popen[bytes]]" = {}  # by this process, which therefore has to collect them


def running(place: Place) -> int | None:
    """The process id of a living instance. Its lock proves life: a number in a file could be anybody's."""
    try:
        file = place.pid_file.open("r")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None


def start(place: Place) -> None:
    """Start the stand-in on loopback and wait until it answers; raises LocalError when the port is taken."""
    _check_port_free(place)
    place.temporary.mkdir(parents=True, exist_ok=True)
    command: Command = [place.tool("cloud", "python"), "-m", "ministack.app"]
    with ending_signals_deferred(), locked(place.pid_file) as lock, place.log("cloud").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_settings(place),
            cwd=place.state,
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )
        _started[process.pid] = process
        lock.truncate(0)
        lock.write(str(process.pid))
    _wait_until_ready(place, process)


def stop(place: Place) -> bool:
    """Stop the instance and every handler it started; False when none was running."""
    pid = running(place)
    with ending_signals_deferred():
        if pid is not None:
            _end(place, pid)
        shutil.rmtree(place.temporary, ignore_errors=True)
        for file in (place.outputs, place.pid_file):
            file.unlink(missing_ok=True)
    return pid is not None


def _end(place: Place, pid: int) -> None:
    signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running(place) and time.monotonic() < deadline:
        time.sleep(0.05)
    signal_group(pid, signal.SIGKILL)  # whoever did not listen, handlers included
    if pid in _started:
        _started.pop(pid).wait()


@contextmanager
def locked(path: Path) -> Iterator[TextIO]:
    """Hold a file's lock, which a child that inherits the file keeps; raises LocalError when somebody else has it."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError("another start is under way here") from None
        yield file


def _check_port_free(place: Place) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", place.port))
        except OSError:
            raise LocalError(f"port {place.port} is in use by another program: choose another with PORT=...") from None


def _settings(place: Place) -> dict[str, str]:
    """Handlers inherit this, so it holds nothing of the operator's but how to find programs."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return {
        **inherited,
        "AUTH": "true",  # signatures and IAM policies are checked
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(place.port),
        "IOT_MTLS_ENABLED": "0",  # would listen on every interface
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "TMPDIR": str(place.temporary),
    }


def _wait_until_ready(place: Place, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{place.endpoint}/_ministack/ready", timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise StepFailedError("starting the cloud", place.log("cloud"))
