"""Child processes that never outlive the command that started them."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from local.errors import StepFailedError

GRACE_SECONDS = 5.0
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Command = list[str | Path]


class Child:
    """One program in a process group of its own, its output in a log file."""

    def __init__(self, step: str, command: Command, log: Path, *, env: Mapping[str, str], cwd: Path) -> None:
        self._step, self._log = step, log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
            )

    def finish(self) -> None:
        """Wait for the end; raises StepFailedError when it was not a good one."""
        if self._process.wait() != 0:
            raise StepFailedError(self._step, self._log, last_line(self._log))

    def kill(self) -> None:
        """End the whole group, politely first; nothing happens when it has ended already."""
        if self._process.poll() is not None:
            return
        signal_group(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_SECONDS)
        signal_group(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def child(step: str, command: Command, log: Path, *, env: Mapping[str, str], cwd: Path) -> Iterator[Child]:
    """A Child that is gone when the block is left, however it is left."""
    with ending_signals_deferred():
        started = Child(step, command, log, env=env, cwd=cwd)
    try:
        yield started
    finally:
        with ending_signals_deferred():
            started.kill()


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group that may have ended meanwhile."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def last_line(log: Path) -> str:
    """The last thing a log says, or nothing."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def interrupt_on_ending_signals() -> None:
    """Make a closed terminal and a polite kill leave as little behind as Ctrl-C."""
    for number in ENDING_SIGNALS:
        signal.signal(number, _interrupt)


@contextmanager
def ending_signals_deferred() -> Iterator[None]:
    """Hold Ctrl-C and the like back until the block is done, so that it is done wholly."""
    arrived: list[int] = []
    previous = {number: signal.signal(number, lambda n, _: arrived.append(n)) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if arrived:
        raise KeyboardInterrupt
