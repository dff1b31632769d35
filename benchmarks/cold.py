"""A cold start: a real runtime process from its beginning to its first answer, model fetched and decision recorded."""

import statistics
import subprocess
import sys
from collections.abc import Mapping

from benchmarks import plots, stopwatch
from benchmarks.allowance import Allowance, allowances
from benchmarks.report import Bar, Section, Table
from benchmarks.runtime import Start, start
from benchmarks.scene import scene
from benchmarks.subject import FOREST, ROOT, body, event, subject

STARTS = stopwatch.ROUNDS
EMPTY, OURS, TUTORIAL = "an empty handler", "predict", "tutorial"
HANDLERS = {
    EMPTY: "benchmarks.rivals.nothing.handler",
    OURS: "functions.predict.app.handler",
    TUTORIAL: "benchmarks.rivals.tutorial.handler",
}
WORDS = """`python -m awslambdaric` against a stand-in of Lambda's runtime API, from the start of the process to its
first answer to a transaction: read what is live, fetch the model (RandomForest of 100 trees), score, explain, record.
Bytecode is there, as in what is deployed. Net CPU is without that of an empty handler. The tutorial: scikit-learn,
joblib, boto3, Powertools, pydantic. Each module predict adds to the runtime's is listed with its reason and its
allowance (`benchmarks/imports.toml`; a test holds the list), measured by `-X importtime`."""


def measure() -> Section:
    """Starts of each in turn, and what predict imports."""
    forest = subject(FOREST)
    asked = event(body(forest, 0))
    starts: dict[str, list[Start]] = {name: [] for name in HANDLERS}
    with scene(forest) as stage:
        for _ in range(STARTS + 1):
            for name, handler in HANDLERS.items():
                starts[name].append(start(handler, asked, stage.environment))
                assert starts[name][-1].answer.get("statusCode") == 200, starts[name][-1].answer
    table, bars = _judged({name: found[1:] for name, found in starts.items()})  # the first wrote the bytecode
    imports = import_times("functions.predict.app", allowances()["predict"])
    plot = plots.bars("cold_imports", "What importing predict costs on top of the runtime", imports, "ms")
    return Section("Cold start", WORDS, [table, _justified(imports)], bars, [plot])


def _judged(starts: Mapping[str, list[Start]]) -> tuple[Table, list[Bar]]:
    cpu = {name: statistics.median(one.cpu for one in found) * 1000 for name, found in starts.items()}
    net = {name: spent - cpu[EMPTY] for name, spent in cpu.items()}
    peak = {name: statistics.median(one.megabytes for one in found) for name, found in starts.items()}
    wall = {name: statistics.median(one.wall for one in found) * 1000 for name, found in starts.items()}
    rows = [(name, wall[name], cpu[name], net[name], peak[name]) for name in starts]
    table = Table(("process", "first answer after, ms", "CPU ms", "net CPU ms", "peak MB"), rows)
    return table, [
        Bar("cold start, net CPU, tutorial / ours", net[TUTORIAL] / net[OURS], 10),
        Bar("cold start, peak memory", peak[OURS], 60, "MB", below=True),
    ]


def import_times(module: str, allowed: Allowance) -> dict[str, float]:
    """Milliseconds an import costs by allowed module: its own and those of what it alone brings; medians."""
    runs = [_import_run(module, allowed) for _ in range(STARTS)]
    return {name: statistics.median(run[name] for run in runs) for name in allowed.modules}


def _import_run(module: str, allowed: Allowance) -> dict[str, float]:
    before = "; ".join(f"import {name}" for name in allowed.runtime)
    program = f"{before}; import sys; print('-', file=sys.stderr, flush=True); import {module}"
    command = [sys.executable, "-X", "importtime", "-c", program]
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/fraud'}"}
    done = subprocess.run(command, env=path, capture_output=True, text=True, check=True)
    spent, private = dict.fromkeys(allowed.modules, 0.0), 0.0
    for line in done.stderr.partition("\n-\n")[2].splitlines():
        own, _, name = line.removeprefix("import time:").split("|")
        private += int(own) / 1000
        if not name.strip().startswith("_"):  # a private module stands before the one that wanted it
            spent[allowed.owner(name.strip())] += private
            private = 0.0
    return spent


def _justified(imports: Mapping[str, float]) -> Table:
    allowed = allowances()["predict"]
    rows = [(name, spent, allowed.modules[name].ms, allowed.modules[name].why) for name, spent in imports.items()]
    return Table(("import of predict", "ms", "allowance ms", "why"), rows)
