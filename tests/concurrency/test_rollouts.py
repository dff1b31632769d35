"""I1, I2, I7: activations, rollbacks, canaries and aborts at once, over a lossy way, equal some serial order."""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fraud.audit.chain import first_broken
from fraud.errors import BesideInProgressError, ConflictError, FraudError, NotFoundError
from fraud.traffic.routing import Routing
from fraud.versions import rollouts
from fraud.versions.lifecycle import activate_version, rollback
from fraud.versions.registry import Registry
from fraud.versions.rollouts import Plan
from tests.concurrency.conftest import THREADS, empty_table
from tests.concurrency.faults import FaultyWay
from tests.concurrency.test_activation import made
from tests.serial_order import check_order

pytestmark = [pytest.mark.concurrency, pytest.mark.xdist_group("concurrency")]
VERSIONS = [f"v1.{number}.0" for number in range(5)]
OPERATIONS, SMALL = 96, 14
CANARY = Plan("canary", (5, 25, 100), 0)


class Ran(NamedTuple):
    """One operation: what it was, the revisions before and after it, and what came of it."""

    name: str
    kind: str
    version: str
    before: int
    after: int
    outcome: object


@pytest.fixture
def way(endpoint: str) -> Iterator[FaultyWay]:
    opened = FaultyWay(endpoint, seed=11)
    yield opened
    opened.close()


@pytest.fixture
def lossy(registry: Registry, way: FaultyWay) -> Registry:
    """The same table, by a way on which things go wrong."""
    retries: Any = {"mode": "standard", "max_attempts": 5}
    client = boto3.client(
        "dynamodb", endpoint_url=way.url, aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(max_pool_connections=THREADS * 2, retries=retries),
    )  # fmt: skip
    return Registry(client, registry._table)


def run(registry: Registry, name: str, kind: str, version: str) -> Ran:
    before = _revision(registry)
    try:
        outcome: object = _do(registry, name, kind, version)
    except (FraudError, ClientError) as error:
        outcome = error
    return Ran(name, kind, version, before, _revision(registry), outcome)


def _do(registry: Registry, name: str, kind: str, version: str) -> object:
    if kind == "activate":
        return activate_version(registry, version, by=name, why="race")
    if kind == "rollback":
        return rollback(registry, by=name, why="race")
    if kind == "rollout":
        return rollouts.begin(registry, version, CANARY, by=name, why="race")
    running = registry.rollouts(1)
    if not running:
        raise NotFoundError("none yet")
    return rollouts.abort(registry, running[0].rollout_id, by=name, why="race")


def _revision(registry: Registry) -> int:
    current = registry.routing()
    return current.revision if current else 0


def check(history: list[Routing], ran: list[Ran], registry: Registry) -> None:
    """The history is one a single person could have made, and says who made each step."""
    check_order(history)
    by = {one.by: one for one in history}
    assert len(by) == len(history)  # nobody did anything twice, whatever was lost
    for one in ran:
        _justified(one, by.get(one.name), history)
    states = [one.state for one in registry.rollouts(1000)]
    assert states.count("running") == (1 if history and history[-1].split else 0)
    assert len(states) == sum(one.kind == "rollout" for one in history)
    assert first_broken(registry.audit_entries()) is None


def _justified(one: Ran, did: Routing | None, history: list[Routing]) -> None:
    """What it did lies between its call and its reply; a refusal was true at some moment in between."""
    meanwhile = history[max(0, one.before - 1) : one.after]
    if did:
        assert one.before < did.revision <= one.after
        assert not isinstance(one.outcome, ConflictError)
        return
    if isinstance(one.outcome, BesideInProgressError):
        assert any(state.split for state in meanwhile)
    elif one.kind == "activate" and not isinstance(one.outcome, Exception):
        assert any(state.active == one.version for state in meanwhile)


def history(registry: Registry, lossy: Registry, seed: int, operations: int) -> list[Routing]:
    """Random operations of sixteen people at once on an empty registry; the history they made, which was checked."""
    dice = random.Random(seed)
    for version in VERSIONS:
        registry.register(made(version), actor="test")
    kinds = dice.choices(["activate", "rollback", "rollout", "abort"], [4, 3, 4, 4], k=operations)
    with ThreadPoolExecutor(THREADS) as pool:
        calls = [pool.submit(run, lossy, f"op-{n}", kind, dice.choice(VERSIONS)) for n, kind in enumerate(kinds)]
        whole = [call.result() for call in calls]
    found = list(registry.revisions())[::-1]
    assert registry.routing() == (found[-1] if found else None)
    check(found, whole, registry)
    return found


def test_random_histories_over_a_lossy_way_equal_a_serial_order(
    registry: Registry, lossy: Registry, way: FaultyWay
) -> None:
    found = history(registry, lossy, 5, OPERATIONS)

    assert {one.kind for one in found} >= {"activate", "rollback", "rollout"}
    assert way.injected > 5


def test_many_small_histories_equal_serial_orders(dynamodb: Any, lossy: Registry, way: FaultyWay) -> None:
    """A few here; `make soak` asks for thousands by ROLLOUT_SEEDS."""
    first, end = map(int, os.environ.get("ROLLOUT_SEEDS", "0:3").split(":"))
    way.share = 0.3  # small histories have few transactions, and some must go wrong
    for seed in range(first, end):
        name = empty_table(dynamodb, "Registry")
        history(Registry(dynamodb, name), Registry(lossy._client, name), seed, SMALL)
        dynamodb.delete_table(TableName=name)
    assert way.injected
