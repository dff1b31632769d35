"""Where one laptop cloud keeps its things, and how it is reached."""

import json
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

REGION = "eu-west-1"
STACK = "fraud-laptop"
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105 -- what the stand-in calls its root user
DEFAULT_PORT = 4566


@dataclass(frozen=True)
class Place:
    """One instance: a port on loopback and a directory for everything it writes."""

    root: Path
    state: Path
    port: int

    @property
    def endpoint(self) -> str:
        """Where every AWS service of the instance answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid_file(self) -> Path:
        """Holds the process id of the stand-in, and its lock for as long as it lives."""
        return self.state / "cloud.pid"

    @property
    def outputs(self) -> Path:
        """What tests, benchmarks and the CLI read."""
        return self.state / "outputs.json"

    @property
    def temporary(self) -> Path:
        """Unpacked handlers; removed with the instance."""
        return self.state / "tmp"

    def log(self, step: str) -> Path:
        """Where a step writes what it has to say."""
        return self.state / f"{step}.log"

    def tool(self, environment: str, name: str) -> Path:
        """A program of one of the locked environments; raises LocalError when it was never created."""
        path = self.root / ".local" / "envs" / environment / "bin" / name
        if not path.exists():
            raise LocalError(f"{path} is missing: run `make envs` once")
        return path

    def uv(self) -> str:
        """The uv that builds the layers: the one make found, the one on PATH, or the one make brought."""
        return os.environ.get("UV") or shutil.which("uv") or str(self.root / ".local" / "tools" / "bin" / "uv")


def from_environment() -> Place:
    """The instance that PORT and LOCAL_DIR name; without PORT, the one that was started there last.

    Raises LocalError for a PORT that is none.
    """
    root = Path(__file__).resolve().parent.parent
    state = root / (os.environ.get("LOCAL_DIR") or ".local")
    port = os.environ.get("PORT") or _last_port(state)
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise LocalError(f"PORT={port} is not a port number")
    return Place(root, state, int(port))


def _last_port(state: Path) -> str:
    file = state / "outputs.json"
    return json.loads(file.read_text())["endpoint_url"].rpartition(":")[2] if file.exists() else str(DEFAULT_PORT)


def environment(**extra: str) -> dict[str, str]:
    """A child's environment: the operator's, without what would send it to a real AWS or another Python."""
    dropped = ("AWS_", "SAM_", "PYTHON", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "MAKE", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    no_proxy = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1,localhost"]))
    return {
        **kept,
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SAM_CLI_TELEMETRY": "0",
        **extra,
    }


def python_version() -> str:
    """The Python that runs the handlers here, as `3.13`."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def architecture() -> str:
    """This machine's processor as Lambda names it."""
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"


def wheel_platform() -> str:
    """This machine as uv names it, so that the layers run here."""
    machine = "aarch64" if architecture() == "arm64" else "x86_64"
    if sys.platform == "darwin":
        return f"{machine}-apple-darwin"
    return f"{machine}-manylinux_2_28" if platform.libc_ver()[0] else f"{machine}-unknown-linux-musl"
