import fcntl
import os
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from local import cloud
from local.errors import LocalError, StepFailedError
from local.place import Place

STAND_IN = """#!/bin/sh
exec {python} -c "
import http.server, os, subprocess, sys
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(('127.0.0.1', int(os.environ['GATEWAY_PORT'])), Ready).serve_forever()
"
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place whose stand-in is a tiny server with one handler process."""
    program = tmp_path / ".local" / "envs" / "cloud" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Place(tmp_path, tmp_path / ".local", probe.getsockname()[1])


def test_what_was_started_runs_until_it_is_stopped_with_its_handlers(
    place: Place, processes: Callable[[], Iterable[tuple[int, int]]]
) -> None:
    # GIVEN an instance
    cloud.start(place)
    pid = cloud.running(place)
    assert pid is not None
    assert [group for _, group in processes()].count(pid) == 2
    # WHEN it is stopped / THEN no process and no file of it is left, and stopping again is fine
    assert cloud.stop(place) is True
    assert cloud.running(place) is None
    assert pid not in [group for _, group in processes()]
    assert not place.pid_file.exists()
    assert not place.temporary.exists()
    assert cloud.stop(place) is False


def test_a_stale_process_id_is_nobody(place: Place) -> None:
    # GIVEN a file left behind by a crash, with the id of a process that lives
    place.pid_file.write_text(str(os.getpid()))
    # WHEN it is asked what runs / THEN nothing does, and stopping harms nobody
    assert cloud.running(place) is None
    assert cloud.stop(place) is False


def test_a_port_in_use_is_one_clear_line(place: Place) -> None:
    # GIVEN another program on the port
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        # WHEN an instance is started / THEN it says so and how to choose another
        with pytest.raises(LocalError, match=rf"^port {place.port} is in use .* PORT="):
            cloud.start(place)
    assert cloud.running(place) is None


def test_two_starts_at_once_are_one(place: Place) -> None:
    # GIVEN a start that holds the lock
    with place.pid_file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # WHEN another begins / THEN it gives way
        with pytest.raises(LocalError, match="another start is under way"):
            cloud.start(place)


def test_a_cloud_that_dies_at_once_names_its_log(place: Place) -> None:
    # GIVEN a stand-in that cannot start
    (place.root / ".local" / "envs" / "cloud" / "bin" / "python").write_text("#!/bin/sh\nexit 3\n")
    # WHEN it is started / THEN the error names the step and the log
    with pytest.raises(StepFailedError, match=r"starting the cloud failed .*cloud\.log"):
        cloud.start(place)
    assert cloud.stop(place) is False
