"""moto's server in a process of its own, so that coverage does not follow what it runs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def moto_server() -> Iterator[str]:
    """The URL of an empty AWS on a free port, which ends with the block."""
    command = (sys.executable, "-m", "tests.moto_server")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"  # then its input is closed, and it waited for


def main() -> None:
    """Tell the port, then serve until the input ends."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    sys.stdout.write(f"{server.get_host_and_port()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
