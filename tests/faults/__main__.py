"""The long run: `python -m tests.faults --histories 10000 --seed 0 --concurrent 2000`; writes soak.md and races.md.

A failing seed is printed when it is found and is run again, alone, by `make soak SEED=<it> HISTORIES=1 CONCURRENT=0`.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from tests.concurrency.conftest import dynoxide
from tests.faults.history import run
from tests.faults.report import write_concurrent, write_histories
from tests.faults.world import World, opened

AT_ONCE, SHARES = 25, 6
_open: list[object] = []  # what holds the world of this process open


class Block(NamedTuple):
    """Some histories: how many operations, which faults, and the seeds of those that broke a promise."""

    histories: int
    operations: int
    injected: Counter[str]
    broken: dict[int, str]


def block(seeds: range) -> Block:
    """Run the histories of some seeds, whatever becomes of single ones."""
    operations, injected, broken = 0, Counter[str](), dict[int, str]()
    for seed in seeds:
        try:
            done = run(world(), seed)
        except Exception as error:
            broken[seed] = f"{type(error).__name__}: {str(error)[:300]}"
            continue
        operations, injected = operations + done.operations, injected + done.injected
    return Block(len(seeds), operations, injected, broken)


@cache
def world() -> World:
    """The one of this process, for as long as it lives."""
    context = opened()
    _open.append(context)
    return context.__enter__()


def soak(first: int, histories: int, jobs: int) -> Iterator[Block]:
    """Blocks of histories as they are done, with a line of progress for each."""
    blocks = [range(at, min(at + AT_ONCE, first + histories)) for at in range(first, first + histories, AT_ONCE)]
    done, broken, began = 0, 0, time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        for one in pool.map(block, blocks):
            done, broken = done + one.histories, broken + len(one.broken)
            rate = done / (time.monotonic() - began)
            line = f"\r{done:,} of {histories:,} histories, {rate:.1f}/s, violations {broken} "
            print(line, end="", file=sys.stderr, flush=True)
            for seed, what in one.broken.items():
                print(f"\nseed {seed}: {what}", file=sys.stderr)
            yield one
    print(file=sys.stderr)


def concurrent(histories: int, engine: str) -> bool:
    """Sixteen people at once on a DynamoDB that keeps its promises, so many histories; whether all were serial.

    They wait for most of their time, so several shares of the seeds go side by side.
    """
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/concurrency/test_rollouts.py"]
    bounds = [histories * share // SHARES for share in range(SHARES + 1)]
    print(f"{histories:,} concurrent histories on {engine}, {SHARES} shares at once", file=sys.stderr)
    running = [
        subprocess.Popen([*asked, "-k", f"many_small and {engine}"], env={**os.environ, "ROLLOUT_SEEDS": f"{a}:{b}"})
        for a, b in pairwise(bounds)
    ]
    ended = [one.wait() for one in running]
    return not any(ended)


def main() -> int:
    """Run, report, and say by the exit status whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--concurrent", type=int, default=2_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    told = parser.parse_args()
    began = time.monotonic()
    blocks = list(soak(told.seed, told.histories, told.jobs))
    lived = (time.monotonic() - began) / 60
    engine = "dynoxide" if dynoxide() else "ministack"
    serial = concurrent(told.concurrent, engine) if told.concurrent else True
    broken = {seed: what for one in blocks for seed, what in one.broken.items()}
    injected = sum((one.injected for one in blocks), Counter[str]())
    operations = sum(one.operations for one in blocks)
    raced = (time.monotonic() - began) / 60 - lived
    if told.histories > 1:
        write_histories(range(told.seed, told.seed + told.histories), operations, injected, broken, lived)
    if told.concurrent > 1:
        write_concurrent(told.concurrent, engine, serial, raced)
    return 0 if serial and not broken else 1


if __name__ == "__main__":
    sys.exit(main())
