"""Slices of time: every record is counted in its minute, in its hour, and in the totals of its version."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from fraud.clock import rfc3339
from fraud.requests.record import Item
from fraud.watch.cells import NO_VERSION, Cell, Edges, Slice, cell_key, cell_of
from fraud.watch.custom import CustomMetric

Key = tuple[str, str]
Count = Callable[[Item], Cell]
MINUTE, HOUR, TOTALS = "MINUTES", "HOURS", "TOTALS"
MINUTE_LENGTH, HOUR_LENGTH = len("2026-11-22T14:05"), len("2026-11-22T14")


def counted(edges: Callable[[str], Edges], high_risk_score: float, own: Sequence[CustomMetric] = ()) -> Count:
    """How a record becomes a cell; `edges(version)` gives the training quantiles of a version's columns."""

    def count(item: Item) -> Cell:
        known = edges(item["v"]) if "x" in item else ()
        return cell_of(item, known, high_risk_score, own)

    return count


def tally(items: Iterable[Item], count: Count) -> dict[Key, Slice]:
    """The slices that request records add to."""
    minutes: dict[Key, Slice] = {}
    sums: dict[Key, Slice] = {}
    for item in items:
        held = minutes.setdefault(_minute_key(item["at"]), {})
        held.setdefault(cell_key(item.get("v", NO_VERSION), item["ep"]), Cell()).add(count(item))
        if "xv" in item:  # the version that failed before another one answered
            held.setdefault(cell_key(item["xv"], item["ep"]), Cell()).add(Cell(passed_over=1))
    for (_, sk), cells in minutes.items():
        for name, cell in cells.items():
            sums.setdefault(_hour_key(sk), {}).setdefault(name, Cell()).add(cell)
            plain = msgspec.structs.replace(cell, features=[])
            sums.setdefault((TOTALS, name.split(" ")[0]), {}).setdefault(name, Cell()).add(plain)
    return minutes | sums


def within(records: Sequence[tuple[str, Item]], minutes: int) -> Iterator[Sequence[tuple[str, Item]]]:
    """The records in order, cut so that each part lies in at most so many different minutes."""
    start, seen = 0, set[str]()
    for place, (_, item) in enumerate(records):
        minute = item["at"][:MINUTE_LENGTH]
        if minute not in seen and len(seen) == minutes:
            yield records[start:place]
            start, seen = place, set()
        seen.add(minute)
    if start < len(records):
        yield records[start:]


def spans(since: datetime, until: datetime) -> Iterator[tuple[str, str, str]]:
    """What to read for the minutes from `since` (inclusive) to `until` (exclusive): partition, first and last key.

    Whole hours are read as hours, the rest as minutes.
    """
    first, last = since.replace(second=0, microsecond=0), _ceil(until, timedelta(minutes=1))
    begin, end = _ceil(first, timedelta(hours=1)), last.replace(minute=0)
    if begin >= end:
        yield from _days(first, last)
        return
    yield from _days(first, begin)
    yield from _months(begin, end)
    yield from _days(end, last)


def _days(begin: datetime, end: datetime) -> Iterator[tuple[str, str, str]]:
    while begin < end:
        stop = min(end, begin.replace(hour=0, minute=0) + timedelta(days=1))
        yield (*_minute_key(rfc3339(begin)), _minute_key(rfc3339(stop - timedelta(minutes=1)))[1])
        begin = stop


def _months(begin: datetime, end: datetime) -> Iterator[tuple[str, str, str]]:
    while begin < end:
        following = (begin.replace(day=1, hour=0) + timedelta(days=32)).replace(day=1)
        stop = min(end, following)
        yield (*_hour_key(rfc3339(begin)), _hour_key(rfc3339(stop - timedelta(hours=1)))[1])
        begin = stop


def _minute_key(at: str) -> Key:
    return f"{MINUTE}#{at[:10]}", at[:MINUTE_LENGTH]


def _hour_key(at: str) -> Key:
    return f"{HOUR}#{at[:7]}", at[:HOUR_LENGTH]


def _ceil(moment: datetime, step: timedelta) -> datetime:
    over = (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % step
    return moment if not over else moment + step - over
