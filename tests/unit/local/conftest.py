import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest


class Process(NamedTuple):
    """A process that runs; one that ended but was not yet collected by its parent is none."""

    pid: int
    group: int


def _listed() -> list[tuple[str, str, str]]:
    """Process id, state and group of everything, from /proc where there is one (a small image has no ps)."""
    if Path("/proc/self/stat").exists():
        found = []
        for file in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _parent, group = file.read_text().rpartition(")")[2].split()[:3]
            except (FileNotFoundError, ProcessLookupError):
                continue
            found.append((file.parent.name, state, group))
        return found
    text = subprocess.run(["ps", "-A", "-o", "pid=,stat=,pgid="], capture_output=True, text=True, check=True).stdout
    return [(pid, state, group) for pid, state, group in map(str.split, text.splitlines())]


@pytest.fixture
def processes() -> Callable[[], list[Process]]:
    """Asks what runs at this moment."""
    return lambda: [Process(int(pid), int(group)) for pid, state, group in _listed() if not state.startswith("Z")]
