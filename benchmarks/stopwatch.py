"""How long things take, side by side: everybody takes a turn in each round, so a busy machine slows all alike."""

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

Call = Callable[[], object]
QUICK = bool(os.environ.get("BENCH_QUICK"))  # to try the scripts: figures of such a run mean nothing
ROUNDS = 3 if QUICK else 15
TURN_SECONDS = 0.02
MOST_CALLS = 1000


def cpu_us(calls: Mapping[str, Call]) -> dict[str, float]:
    """Median microseconds of CPU of this process for one call of each."""
    return measured(calls, time.process_time)


def wall_us(calls: Mapping[str, Call]) -> dict[str, float]:
    """Median microseconds by the clock for one call of each."""
    return measured(calls, time.perf_counter)


def measured(calls: Mapping[str, Call], clock: Callable[[], float]) -> dict[str, float]:
    """Median microseconds for one call of each; a turn holds as many calls as fill `TURN_SECONDS`."""
    times = {name: _calls_in(call, TURN_SECONDS) for name, call in calls.items()}
    spent: dict[str, list[float]] = {name: [] for name in calls}
    with garbage_uncollected():
        for _ in range(ROUNDS):
            for name, call in calls.items():
                spent[name].append(_per_call(call, times[name], clock))
            gc.collect()
    return {name: statistics.median(found) * 1e6 for name, found in spent.items()}


@contextmanager
def garbage_uncollected() -> Iterator[None]:
    """No garbage collection in the middle of somebody's turn."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _calls_in(call: Call, seconds: float) -> int:
    call()  # the first call pays for caches and connections
    once = max(_per_call(call, 1, time.perf_counter), 1e-7)
    return max(1, min(MOST_CALLS, round(seconds / once)))


def _per_call(call: Call, times: int, clock: Callable[[], float]) -> float:
    began = clock()
    for _ in range(times):
        call()
    return (clock() - began) / times
