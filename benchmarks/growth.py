"""What a request costs as the log and the registry grow: the same time, the same items read."""

from collections.abc import Callable, Iterator

from benchmarks import plots, stopwatch
from benchmarks.lean import engines, handler_with, logging_to
from benchmarks.report import Bar, Cell, Section, Table
from benchmarks.scene import Scene, scene
from benchmarks.stub import Tables
from benchmarks.subject import FOLDER, FOREST, VERSION, Item, Subject, body, event, subject
from fraud.aws.clients import client
from fraud.requests.archive import LogArchive
from fraud.requests.query import Filters, LogQuery
from fraud.versions.registry import Registry
from functions.predict import app

SIZES = (100, 10_000) if stopwatch.QUICK else (100, 1000, 10_000, 100_000, 1_000_000)
FLAT = 1.5
WORDS = """So many request records and so many versions lie in the tables (a B-tree in the loopback stub), then one
request of each kind: microseconds by the clock, and in brackets the items it read. What lists everything,
`GET /models/versions`, reads what it lists and is not here."""
Calls = dict[str, Callable[[], object]]


def measure() -> Section:
    """One table, one line a request in the picture, one promise."""
    forest = subject(FOREST)
    spent: dict[int, dict[str, float]] = {}
    read: dict[int, dict[str, int]] = {}
    with scene(forest) as stage, logging_to(FOLDER / "growth.log"):
        calls, tables = _calls(forest), Tables(FOLDER / "scene" / "tables.sqlite")
        for size in SIZES:
            tables.fill("Requests", _records(size))
            tables.fill("Registry", _versions(size))
            spent[size] = stopwatch.wall_us(calls)
            read[size] = {name: _items_read(call, stage) for name, call in calls.items()}
    rows: list[list[Cell]] = [
        [f"{size:,}", *(f"{spent[size][name]:,.0f} ({read[size][name]})" for name in calls)] for size in SIZES
    ]
    lines = {name: [spent[size][name] for size in SIZES] for name in calls}
    plot = plots.lines("growth", "One request as the tables grow", SIZES, lines, "µs")
    worst = max(spent[SIZES[-1]][name] / spent[SIZES[0]][name] for name in calls)
    more = max(read[SIZES[-1]][name] - read[SIZES[0]][name] for name in calls)
    bars = [
        Bar(f"growth, {SIZES[-1]:,} items / {SIZES[0]} items, slowest request", worst, FLAT, below=True),
        Bar("growth, further items read", more, 0, "items", below=True),
    ]
    return Section("Growth", WORDS, [Table(("items", *calls), rows)], bars, [plot])


def _calls(forest: Subject) -> Calls:
    engine = next(iter(engines(forest).values()))
    first, repeated = handler_with(engine, forest), event(body(forest, 0, "t-repeated"))
    logs = LogQuery(client("dynamodb"), "Requests", LogArchive(client("s3"), "logs"), lambda _: forest.columns)
    registry = Registry(client("dynamodb"), "Registry")
    asked = Filters(transaction_id="t-repeated")
    return {
        "a new transaction": first,
        "a repeated one": lambda: app.handler(repeated, None),
        "its log record": lambda: logs.page(asked, limit=100, cursor=None),
        "one version": lambda: registry.version(VERSION),
    }


def _items_read(call: Callable[[], object], stage: Scene) -> int:
    stage.seen()
    call()
    return stage.seen().get("items read", 0)


def _records(count: int) -> Iterator[Item]:
    return ({"pk": {"S": f"TXN#filler-{number}"}, "sk": {"S": "0" * 64}} for number in range(count))


def _versions(count: int) -> Iterator[Item]:
    return ({"pk": {"S": f"VERSION#v0.0.{number}"}, "sk": {"S": "META"}} for number in range(count))
