"""The deployed system under test: the laptop cloud that is up, or one of its own on a free port."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.system.caller import Caller

ROOT = Path(__file__).resolve().parents[2]
OWN = ".local/system"
START_SECONDS = 420


def answering(state: str) -> dict[str, str] | None:
    """The outputs of the instance in a state directory, if it answers."""
    file = ROOT / state / "outputs.json"
    if not file.exists():
        return None
    outputs: dict[str, str] = json.loads(file.read_text())
    try:
        with urllib.request.urlopen(f"{outputs['api_url']}/api/v1/health/live", timeout=10):  # noqa: S310
            return outputs
    except OSError:
        return None


def free_port() -> str:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def local(command: str, **extra: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "local", command],
        cwd=ROOT,
        env={**os.environ, "LOCAL_DIR": OWN, **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


@pytest.fixture(scope="package")
def cloud() -> Iterator[dict[str, str]]:
    """What `.local/outputs.json` holds for a running, seeded system."""
    running = answering(os.environ.get("LOCAL_DIR", ".local"))
    if running:
        yield running
        return
    try:
        started = local("up", PORT=free_port())
        assert started.returncode == 0, started.stdout
        own = answering(OWN)
        assert own is not None, started.stdout
        yield own
    finally:
        local("down")


@pytest.fixture(scope="package")
def caller(cloud: dict[str, str]) -> Caller:
    """Who speaks to it."""
    return Caller(cloud)
