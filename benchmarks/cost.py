"""Dollars per million predictions: measured CPU, item sizes and log lines times list prices (`prices.toml`)."""

import math
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, convert

from benchmarks import stopwatch
from benchmarks.lean import engines, fresh_events, handler_with, logging_to
from benchmarks.report import Bar, Cell, Section, Table
from benchmarks.runtime import start
from benchmarks.scene import Scene, scene
from benchmarks.subject import FOLDER, FOREST, ROOT, body, event, subject
from local.template import load_template

GIGABYTE, MILLION, CPU_MEGABYTES = 1e9, 1e6, 1769.0  # Lambda gives one full CPU at 1,769 MB
TEMPLATE, LOG = ROOT / "template.yaml", FOLDER / "cost.log"
WORDS = """What one million of `POST /predict` costs with every decision recorded durably and repeated requests answered
from the record, at list prices of {as_of} (`benchmarks/prices.toml`, assumptions included) and {memory} MB. Billed
time is ⌈CPU ms · 1769 / MB + the wait for DynamoDB⌉ with this machine's CPU time for either architecture. One request
makes {calls} call to AWS, its item has {item} bytes (1 KB is one write unit), its log lines {log}. The stream's reads
by Lambda, the deletes of expired items and the routing read every 5 s cost nothing or nothing that shows."""


class Prices(Struct, frozen=True):
    """The inputs, by name."""

    as_of: str
    per_million: dict[str, float]
    per_gigabyte: dict[str, float]
    lambda_gigabyte_second: dict[str, float]
    assumed: dict[str, float]


class Footprint(NamedTuple):
    """What one request uses: milliseconds of CPU warm and cold, bytes of its item and of its log lines, AWS calls."""

    cpu_ms: float
    cold_ms: float
    item_bytes: int
    log_bytes: int
    calls: int


def measure() -> Section:
    """The bill of ours and of the tutorial, by architecture."""
    prices = convert(tomllib.loads(Path(__file__).with_name("prices.toml").read_text()), Prices)
    template = load_template(TEMPLATE)
    memory = float(template["Globals"]["Function"]["MemorySize"])
    traced = float(template["Parameters"]["TraceShare"]["Default"])
    ours, tutorial = _footprints()
    bills = {
        f"{name}, {machine}": bill(used, prices, memory, machine) | {"X-Ray": traced * prices.per_million["xray_trace"]}
        for name, used in {"ours": ours, "tutorial": tutorial}.items()
        for machine in prices.lambda_gigabyte_second
    }
    names = list(next(iter(bills.values())))
    rows: list[list[Cell]] = [[name, *(bought[name] for bought in bills.values())] for name in names]
    rows.append(["total", *(sum(bought.values()) for bought in bills.values())])
    words = WORDS.format(
        as_of=prices.as_of, memory=f"{memory:.0f}", calls=ours.calls, item=ours.item_bytes, log=ours.log_bytes
    )
    dearest = max(
        (bought for name, bought in bills.items() if name.startswith("ours")), key=lambda one: sum(one.values())
    )
    whole, gateway = sum(dearest.values()), dearest["REST API"]
    bars = [
        Bar("cost per million predictions, REST gateway included", whole, 5, "USD", below=True),
        Bar("cost per million predictions behind the gateway", whole - gateway, 5, "USD", below=True),
    ]
    return Section("Cost", words, [Table(("USD per million", *bills), rows)], bars)


def bill(used: Footprint, prices: Prices, memory: float, machine: str) -> dict[str, float]:
    """USD for a million requests by what is paid for."""
    each, stored, assumed = prices.per_million, prices.per_gigabyte, prices.assumed
    second = prices.lambda_gigabyte_second[machine] * memory / 1024
    billed_ms = math.ceil(used.cpu_ms * CPU_MEGABYTES / memory + assumed["dynamodb_wait_ms"])
    batches = 1 / assumed["records_per_archive_batch"]
    archived = assumed["archive_line_bytes"] * assumed["archive_days"] / 30
    return {
        "REST API": each["rest_api_request"],
        "Lambda requests": each["lambda_request"],
        "Lambda, warm": billed_ms * second / 1000 * MILLION,
        "Lambda, cold starts": assumed["cold_share"] * used.cold_ms * CPU_MEGABYTES / memory * second / 1000 * MILLION,
        "DynamoDB write": math.ceil(used.item_bytes / 1024) * each["dynamodb_write_unit"],
        "DynamoDB storage": used.item_bytes * MILLION / GIGABYTE * stored["dynamodb_month"] * assumed["log_days"] / 30,
        "archive: invocations": batches
        * (each["lambda_request"] + assumed["archive_batch_ms"] * second / 1000 * MILLION),
        "archive: S3": batches * each["s3_put"] + archived * MILLION / GIGABYTE * stored["s3_month"],
        "CloudWatch Logs": used.log_bytes * MILLION / GIGABYTE * stored["cloudwatch_logs"],
    }


def _footprints() -> tuple[Footprint, Footprint]:
    forest = subject(FOREST)
    with scene(forest) as stage, logging_to(LOG):
        from benchmarks.rivals import tutorial  # noqa: PLC0415 -- its clients are made at import, for the stub

        events = fresh_events(forest)
        calls: dict[str, Callable[[], object]] = {
            "functions.predict.app.handler": handler_with(next(iter(engines(forest).values())), forest),
            "benchmarks.rivals.tutorial.handler": lambda: tutorial.handler(next(events), None),
        }
        cpu = stopwatch.cpu_us(calls)
        cold = {name: start(name, event(body(forest, 0)), stage.environment).cpu * 1000 for name in calls}
        told = {name: _one(call, stage) for name, call in calls.items()}
    ours, theirs = (Footprint(cpu[name] / 1000, cold[name], *told[name]) for name in calls)
    return ours, theirs


def _one(call: Callable[[], object], stage: Scene) -> tuple[int, int, int]:
    """Bytes written, bytes logged and calls made by one request."""
    call()  # reads again what is live, if that is due
    sys.stdout.flush()
    logged = LOG.stat().st_size
    stage.seen()
    call()
    seen = stage.seen()
    sys.stdout.flush()
    network = sum(count for name, count in seen.items() if name[0].isupper())
    return seen["bytes written"], LOG.stat().st_size - logged, network
