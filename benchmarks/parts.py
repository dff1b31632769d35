"""The parts of the benchmarks, each measured in a process of its own, which no other part has filled or made slower."""

import signal
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import active_children, get_context

from benchmarks.report import Section

PARTS = ("engines", "warm", "cold", "batch", "peers", "growth", "cost")


def sections(names: Iterable[str]) -> Iterator[Section]:
    """What each part finds, one after the other."""
    with ProcessPoolExecutor(1, get_context("spawn"), stop_when_told, max_tasks_per_child=1) as pool:
        for name in names:
            yield pool.submit(_measured, name).result()


def stop_when_told() -> None:
    """On SIGTERM, end what was started before ending."""

    def stop(*_: object) -> None:
        for part in active_children():
            part.terminate()
        sys.exit(1)

    signal.signal(signal.SIGTERM, stop)


def _measured(name: str) -> Section:
    section: Section = import_module(f"benchmarks.{name}").measure()
    return section
