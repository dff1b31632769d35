"""Fixtures every test may use: a fake AWS identity, the kernel and, on demand, moto's AWS on loopback."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from fraud.scoring.packed import kernel
from tests.moto_server import moto_server

LAYER = Path(__file__).parents[1] / "layers" / "fraud"
ONE_SYSTEM = ("tests/system", "tests/concurrency")  # each shares a running system, so one worker
ONE_FIXTURE = ("tests/unit/hostile",)  # what a module makes first takes a minute, so one worker a module
# Coverage doubles the time of what runs in this process. These run most of it elsewhere, or what shorter tests run too.
NOT_COVERED = (*ONE_SYSTEM, *ONE_FIXTURE, "tests/faults")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Let `no_cover` have its effect in xdist's workers.

    There pytest-cov measures from the start, and once more from here on: whenever the second pauses, the first goes on.
    """
    measuring: Any = session.config.pluginmanager.get_plugin("_cov")
    if measuring and measuring.cov_controller and hasattr(session.config, "workerinput"):
        measuring.cov_controller.cov.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave coverage out where it would cost much and show nothing."""
    for item in items:
        if item.nodeid.startswith(NOT_COVERED):
            item.add_marker("no_cover")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Spread single tests over the workers, but keep together what shares something dear."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            folder = str(PurePosixPath(file).parent)
            return folder if folder in ONE_SYSTEM else file if folder in ONE_FIXTURE else nodeid

    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def built_kernel() -> Path:
    """The kernel of this machine, compiled from the source as it is; `make test` has done so before."""
    built = Path(kernel.__file__).with_name(kernel.file_name())
    if not built.exists() or built.stat().st_mtime < (LAYER / "kernel.c").stat().st_mtime:
        system, machine = built.stem.split("-")[1:]
        options = [f"BUILD_PLATFORM={machine}-{system}", f"ZIG_PYTHON={sys.executable}"]
        caches = {f"ZIG_{kind}_CACHE_DIR": str(LAYER.parents[1] / ".local" / "zig") for kind in ("GLOBAL", "LOCAL")}
        subprocess.run(["make", "-C", str(LAYER), "kernel", *options], check=True, env={**os.environ, **caches})
    return built


@pytest.fixture(autouse=True)
def aws_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing a test does can reach a real account."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """moto's server, one for the session."""
    with moto_server() as url:
        yield url


@pytest.fixture
def aws(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty AWS for one test; every client of the process finds it."""
    request = urllib.request.Request(f"{moto_url}/moto-api/reset", method="POST")  # noqa: S310 -- loopback
    with urllib.request.urlopen(request, timeout=5):  # noqa: S310
        monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    return moto_url
