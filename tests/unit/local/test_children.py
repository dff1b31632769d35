import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from local.children import child, ending_signals_deferred
from local.errors import StepFailedError

SLEEPS_WITH_A_CHILD = """
import pathlib, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(grandchild.pid))
time.sleep(60)
"""


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.01)
    raise AssertionError(f"{path} was never written")


def test_leaving_the_block_ends_a_child_and_its_children(
    tmp_path: Path, processes: Callable[[], Iterable[tuple[int, int]]]
) -> None:
    # GIVEN a program that started another
    command: list[str | Path] = [sys.executable, "-c", SLEEPS_WITH_A_CHILD, tmp_path / "pid"]
    with (
        pytest.raises(RuntimeError),
        child("sleeping", command, tmp_path / "log", env=dict(os.environ), cwd=tmp_path),
    ):
        grandchild = int(wait_for(tmp_path / "pid"))
        assert grandchild in dict(processes())
        # WHEN the block is left by an error
        raise RuntimeError
    # THEN neither is left
    deadline = time.monotonic() + 5
    while grandchild in dict(processes()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert grandchild not in dict(processes())


def test_a_failed_child_names_its_step_its_last_words_and_its_log(tmp_path: Path) -> None:
    # GIVEN a program that ends badly
    command: list[str | Path] = [
        sys.executable,
        "-c",
        "print('first', flush=True); raise SystemExit('the disk is full')",
    ]
    log = tmp_path / "build.log"
    # WHEN it is waited for
    with child("sam build", command, log, env={}, cwd=tmp_path) as started, pytest.raises(StepFailedError) as failed:
        started.finish()
    # THEN the error is one line with all three
    assert str(failed.value) == f"sam build failed: the disk is full (see {log})"


def test_an_interrupt_waits_until_the_block_is_done() -> None:
    # GIVEN work that must not stop half way
    done = False
    # WHEN Ctrl-C arrives in the middle of it
    with pytest.raises(KeyboardInterrupt), ending_signals_deferred():
        os.kill(os.getpid(), signal.SIGINT)
        done = True
    # THEN the work is finished, and the interrupt comes after it
    assert done
