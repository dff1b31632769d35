"""Our handler behind uvicorn against what serves the same model elsewhere: requests a second, p50, p99."""

import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from benchmarks import plots, stopwatch
from benchmarks.hammer import Rate, hammer
from benchmarks.report import Bar, Section, Table
from benchmarks.rivals.servers import ALONE, OURS, RECORDED, SERVERS, TUTORIAL, Server
from benchmarks.scene import MODEL_FILE, Scene, scene
from benchmarks.subject import FOLDER, FOREST, ROOT, Subject, body, subject

ROUNDS, SECONDS = (1, 1.0) if stopwatch.QUICK else (3, 4.0)
CONCURRENCY = (1, 16)
BOOT_SECONDS, STOP_SECONDS = 120.0, 10.0
WORDS = """RandomForest of 100 trees behind each server, one worker each, all up at once and asked in turn over
kept-alive connections; medians of the rounds. The client shares the two cores. `ours` is the handler (admission,
validation, score, log line) without reasons and records, as BentoML, LitServe and MLflow keep and explain nothing;
the tutorial explains nothing and commits to SQLite. Explained and recorded, as deployed, ours makes one conditional
write for each decision in a loopback stand-in of DynamoDB, which shares the cores as well. {skipped}"""
Rates = dict[tuple[str, int], Rate]


def measure() -> Section:
    """Every server that is installed, at both concurrencies."""
    forest = subject(FOREST)
    present = [server for server in SERVERS if server.installed]
    absent = [server.name for server in SERVERS if not server.installed]
    with scene(forest) as stage, ExitStack() as stack:
        ports = {server: stack.enter_context(serving(server, stage)) for server in present}
        rates = _rates(ports, forest)
    words = WORDS.format(skipped=f"Not installed, so skipped: {', '.join(absent)}." if absent else "").strip()
    plot = plots.bars(
        "peers", "Requests a second at concurrency 16",
        {server.name: rates[server.name, 16].per_second for server in present}, "requests a second", logarithmic=True,
    )  # fmt: skip
    return Section("Peers over HTTP", words, [_table(rates)], _bars(rates), [plot])


def _rates(ports: dict[Server, int], forest: Subject) -> Rates:
    numbers = itertools.count()
    found: dict[tuple[str, int], list[Rate]] = {}
    for concurrency in CONCURRENCY:
        for round_number in range(ROUNDS + 1):
            for server, port in ports.items():
                asked = _bodies(server, forest, next(numbers))
                rate = hammer(port, server.path, asked, concurrency=concurrency, seconds=SECONDS)
                if round_number:  # the first warms up
                    found.setdefault((server.name, concurrency), []).append(rate)
    return {key: Rate(*map(statistics.median, zip(*rates, strict=True))) for key, rates in found.items()}


def _bodies(server: Server, forest: Subject, turn: int) -> Callable[[int], bytes]:
    """Bodies of transactions nobody has asked about."""
    head, _, tail = server.wrap.format(json.dumps(body(forest, 0, "%d"))).partition("%d")
    return lambda number: f"{head}{turn}-{number}{tail}".encode()


@contextmanager
def serving(server: Server, stage: Scene) -> Iterator[int]:
    """The server in a process group of its own, answering; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {
        **os.environ, **stage.environment, "BENCH_FOLDER": str(FOLDER / "scene"),
        "BENCH_MODEL": str(FOLDER / "scene" / MODEL_FILE), "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/fraud'}",
        "BENTOML_DO_NOT_TRACK": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_UV_AUTO_DETECT": "false",
        "DO_NOT_TRACK": "1",
    }  # fmt: skip
    command = [str(server.python), *(part.format(port=port) for part in server.command)]
    with (FOLDER / "servers.log").open("a") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(port, process)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # BentoML's workers have groups of their own, and only it ends them
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < give_up:
        assert process.poll() is None, f"{process.args!r} ended: see servers.log"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{process.args!r} does not answer")


def _table(rates: Rates) -> Table:
    columns = ("server", "at once", "requests/s", "p50 ms", "p99 ms", "this / tutorial")
    rows = [
        (name, str(at_once), *rate, rate.per_second / rates[TUTORIAL, at_once].per_second)
        for (name, at_once), rate in rates.items()
    ]
    return Table(columns, rows)


def _bars(rates: Rates) -> list[Bar]:
    bars = []
    for at_once in CONCURRENCY:
        alone, recorded = rates[ALONE, at_once], rates[RECORDED, at_once]
        others = [rate for (name, level), rate in rates.items() if level == at_once and name not in OURS]
        best, calmest = max(rate.per_second for rate in others), min(rate.p99 for rate in others)
        tutorial = rates[TUTORIAL, at_once].per_second
        bars += [
            Bar(f"requests/s, {at_once} at once, ours / tutorial", alone.per_second / tutorial, 30),
            Bar(f"requests/s, {at_once} at once, {RECORDED} / best other", recorded.per_second / best, 1),
            Bar(f"p99, {at_once} at once, {RECORDED} / calmest other", recorded.p99 / calmest, 1, below=True),
        ]
    return bars
