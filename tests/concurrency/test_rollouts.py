"""I1, I2, I7: activations, rollbacks, canaries and aborts at once, over a lossy way, equal some serial order."""

import itertools
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
from tests.concurrency.conftest import THREADS
from tests.concurrency.faults import FaultyWay
from tests.concurrency.test_activation import made

pytestmark = [pytest.mark.concurrency, pytest.mark.xdist_group("concurrency")]
VERSIONS = [f"v1.{number}.0" for number in range(5)]
OPERATIONS = 96
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
    positions: dict[int, tuple[str, int | None]] = {}
    assert [one.revision for one in history] == list(range(1, len(history) + 1))
    for before, after in itertools.pairwise([None, *history]):
        assert after
        if after.kind == "activate":
            assert before is None or after.active != before.active
            assert after.split is None
            assert before is None or before.split is None or before.split.candidate == after.active
            positions[after.position] = (after.active, after.parent)
            continue
        assert before
        if after.kind == "rollback":
            place = positions[before.position][1]
            while place is not None and positions[place][0] == before.active:
                place = positions[place][1]
            assert (place, after.split) == (after.position, None)
        else:
            assert (after.active, after.position, after.since) == (before.active, before.position, before.since)
            assert (before.split is None) == (after.kind == "rollout") == (after.split is not None)
    by = {one.by: one for one in history}
    assert len(by) == len(history)  # nobody did anything twice, whatever was lost
    for one in ran:
        _justified(one, by.get(one.name), history)
    states = [one.state for one in registry.rollouts(1000)]
    assert states.count("running") == (1 if history[-1].split else 0)
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


def test_random_histories_over_a_lossy_way_equal_a_serial_order(
    registry: Registry, lossy: Registry, way: FaultyWay
) -> None:
    # GIVEN a lossy way and random operations of sixteen people at once
    dice, whole = random.Random(5), []
    for version in VERSIONS:
        registry.register(made(version), actor="test")
    kinds = dice.choices(["activate", "rollback", "rollout", "abort"], [4, 3, 4, 4], k=OPERATIONS)

    # WHEN they run
    with ThreadPoolExecutor(THREADS) as pool:
        calls = [pool.submit(run, lossy, f"op-{n}", kind, dice.choice(VERSIONS)) for n, kind in enumerate(kinds)]
        whole = [call.result() for call in calls]

    # THEN what happened is one history
    history = list(registry.revisions())[::-1]
    assert registry.routing() == history[-1]
    assert {one.kind for one in history} >= {"activate", "rollback", "rollout"}
    assert way.injected > 5
    check(history, whole, registry)
