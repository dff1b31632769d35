"""Counters equal a recount of the log, whatever happens to the stream on the way."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import numpy as np
import pytest

from fraud.clock import rfc3339
from fraud.errors import FraudError
from fraud.requests.record import Item, decision_item, failure_item, log_line
from fraud.scoring.prediction import Explanation, Prediction
from fraud.watch import counter_store
from fraud.watch.counter_store import CounterStore
from fraud.watch.histogram import quantile
from fraud.watch.slices import counted
from tests.memory_table import MemoryDynamoDB
from tests.recount import figures, recount
from tests.tables import table

BEGIN = datetime(2026, 11, 22, 22, 40, tzinfo=UTC)
EDGES = ((-1.0, 0.0, 1.0), ())
HOW = counted(lambda _: EDGES, 70.0)
Stream = dict[str, list[tuple[str, Item]]]


class KilledError(Exception):
    """Lambda ended the function."""


@pytest.fixture
def store() -> CounterStore:
    return CounterStore(MemoryDynamoDB(), "Watch", timedelta(days=30))  # type: ignore[arg-type]


def prediction(number: int, draw: random.Random) -> Prediction:
    probability = draw.choice([0.0, 1.0, draw.random(), draw.betavariate(0.2, 8)])
    return Prediction(
        transaction_id=f"t-{number}",
        is_fraud=probability >= 0.5,
        fraud_probability=probability,
        risk_score=round(100 * probability, 2),
        model_version=draw.choice(["v1.0.0", "v1.1.0"]),
        processing_time_ms=round(draw.lognormvariate(0, 1), 3),
        explanation=Explanation([], [], [], 0.9, "block" if probability >= 0.8 else "approve", "m", "u", 0, 0, 0),
        cache_hit=False,
        imputed_features=[],
        request_id=f"r-{number}",
    )


def record(number: int, draw: random.Random, minutes: int = 90) -> Item:
    at, kept = BEGIN + timedelta(seconds=draw.uniform(0, 60 * minutes)), timedelta(days=30)
    endpoint = draw.choice(["/predict", "/predict/batch"])
    if draw.random() < 0.1:
        status, code = draw.choice(
            [(422, "invalid_transaction"), (503, "dependency_unavailable"), (400, "malformed_json")]
        )
        return failure_item(
            f"t-{number}", suffix=f"{number:026d}", status=status, code=code, request_id=f"r-{number}",
            endpoint=endpoint, at=at, retention=kept,
        )  # fmt: skip
    return decision_item(
        prediction(number, draw), digest=f"{number:064x}", row=[draw.gauss(0, 1), 5.0], free_fields={},
        endpoint=endpoint, amount=draw.choice([0.0, 12.34, draw.lognormvariate(3, 1), 1e300]), at=at, retention=kept,
    )  # fmt: skip


def log_of(count: int, seed: int, minutes: int = 90) -> Stream:
    """A log spread over three shards, each in order, their sequence numbers overlapping."""
    draw = random.Random(seed)
    items = sorted((record(number, draw, minutes) for number in range(count)), key=lambda item: item["at"])
    shards: Stream = {"a": [], "b": [], "c": []}
    for place, item in enumerate(items):
        shards[draw.choice("abc")].append((str(9_999_000 + place), item))
    return shards


def delivered(stream: Stream, seed: int, longest: int) -> Iterator[tuple[str, list[tuple[str, Item]]]]:
    """Batches as Lambda hands them over: per shard in order at first, then again, split and joined anyhow."""
    draw, places = random.Random(seed), dict.fromkeys(stream, 0)
    while waiting := [shard for shard, records in stream.items() if places[shard] < len(records)]:
        shard = draw.choice(waiting)
        begin = max(0, places[shard] - draw.choice([0, 0, 0, 1, longest]))
        end = min(len(stream[shard]), places[shard] + draw.randint(1, longest))
        yield shard, stream[shard][begin:end]
        if draw.random() < 0.1 and begin:
            again = draw.randrange(begin)
            yield shard, stream[shard][again : again + longest // 2]
        places[shard] = max(places[shard], end)


def lines_of(stream: Stream) -> list[dict[str, Any]]:
    return [log_line(item, ("a", "b")) for records in stream.values() for _, item in records]


@pytest.mark.no_cover
def test_counters_equal_a_recount_of_a_hundred_thousand_requests(store: CounterStore) -> None:
    # GIVEN a log of three shards
    stream = log_of(100_000, seed=7)

    # WHEN its batches come split, again and interleaved
    new = sum(store.count(shard, batch, HOW) for shard, batch in delivered(stream, seed=8, longest=9_000))

    # THEN every record was counted once, by hour and minute, by version
    assert new == 100_000
    lines, until = lines_of(stream), BEGIN + timedelta(hours=3)
    assert figures(store.figures(BEGIN, until)) == recount(lines)
    of_version = [line for line in lines if line.get("model_version") == "v1.1.0"]
    assert figures(store.figures(BEGIN, until, "v1.1.0")) == recount(of_version)
    early = [line for line in lines if line["at"] < "2026-11-22T23"]
    assert figures(store.figures(BEGIN, BEGIN + timedelta(minutes=20))) == recount(early)


def test_percentiles_are_those_of_numpy_within_two_and_a_half_percent(store: CounterStore) -> None:
    stream = log_of(3_000, seed=9)
    for shard, records in stream.items():
        store.count(shard, records, HOW)
    raw = [float(item["ms"]) for records in stream.values() for _, item in records if item["s"] == 200]

    cell = store.figures(BEGIN, BEGIN + timedelta(hours=3))

    for share in (0.0, 0.01, 0.5, 0.95, 0.99, 1.0):
        found = quantile(cell.latency, share)
        assert found is not None
        assert found / 1000 == pytest.approx(np.quantile(raw, share), rel=0.025)


@pytest.mark.parametrize("moment", ["before the write", "after the write"])
def test_a_function_killed_around_its_write_counts_once(store: CounterStore, moment: str) -> None:
    # GIVEN batches of which some meet a kill just before or just after the transaction
    stream, draw = log_of(400, seed=11), random.Random(12)
    really = store._client.transact_write_items

    def dying(**arguments: Any) -> Any:
        if draw.random() < 0.3 and moment == "before the write":
            raise KilledError
        answer = really(**arguments)
        if draw.random() < 0.3:
            raise KilledError
        return answer

    store._client.transact_write_items = dying  # type: ignore[method-assign]

    # WHEN each batch comes again until it succeeds
    for shard, batch in delivered(stream, seed=13, longest=60):
        while True:
            try:
                store.count(shard, batch, HOW)
                break
            except KilledError:
                continue

    # THEN nothing was counted twice or not at all
    assert figures(store.figures(BEGIN, BEGIN + timedelta(hours=3))) == recount(lines_of(stream))


def test_features_are_counted_on_the_training_quantile_bins(store: CounterStore) -> None:
    stream = log_of(2_000, seed=14)
    for shard, records in stream.items():
        store.count(shard, records, HOW)
    values = [line["features"]["a"] for line in lines_of(stream) if line.get("model_version") == "v1.0.0"]

    cell = store.figures(BEGIN, BEGIN + timedelta(hours=3), "v1.0.0")

    counts, _ = np.histogram(values, [-math.inf, *EDGES[0], math.inf])
    assert [cell.features[0].get(place, 0) for place in range(4)] == counts.tolist()
    assert cell.features[1] == {}


def test_a_day_is_read_in_few_items_and_any_minute_exactly(store: CounterStore) -> None:
    # GIVEN a request in every minute of two days
    draw = random.Random(15)
    items = [{**record(number, draw), "at": rfc3339(BEGIN + timedelta(minutes=number))} for number in range(2 * 1440)]
    store.count("a", [(str(place), item) for place, item in enumerate(items)], HOW)

    # WHEN a day of whole hours is asked for
    read = list(store.slices(BEGIN.replace(minute=0), BEGIN.replace(minute=0) + timedelta(days=1)))

    # THEN it takes an item an hour, and a span of minutes gives exactly those
    assert len(read) == 24
    for begin, end in ((0, 1), (5, 65), (19, 21), (20, 80), (7, 1500)):
        cell = store.figures(BEGIN + timedelta(minutes=begin), BEGIN + timedelta(minutes=end))
        assert cell.total == end - begin


def test_two_functions_with_the_same_batch_count_it_once(aws: str) -> None:
    # GIVEN a second function that counts the batch while the first one is about to
    client = boto3.client("dynamodb")
    client.create_table(**table("Watch"))
    store, other = (CounterStore(client, "Watch", timedelta(days=30)) for _ in range(2))
    [records, *_] = log_of(60, seed=16, minutes=3).values()
    really = store.transact

    def late(items: Any) -> Any:
        other.count("a", records, HOW)
        return really(items)

    store.transact = late  # type: ignore[method-assign]

    # WHEN the first one goes on
    new = store.count("a", records, HOW)

    # THEN it finds everything counted
    assert new == 0
    assert store.figures(BEGIN, BEGIN + timedelta(hours=3)).total == len(records)


def test_writers_that_never_rest_are_an_error_not_a_loss(store: CounterStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter_store, "ATTEMPTS", 2)
    store.transact = lambda items: ("TransactionConflict",)  # type: ignore[method-assign]
    with pytest.raises(FraudError, match="kept changing"):
        store.count("a", log_of(5, seed=17)["a"] or log_of(9, seed=18)["a"], HOW)
