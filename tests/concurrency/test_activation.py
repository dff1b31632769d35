"""I1: exactly one active version; any interleaving of changes equals some serial order."""

import itertools
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from fraud.audit.chain import first_broken
from fraud.errors import ChangedMeanwhileError, FraudError
from fraud.scoring.schema import DEFAULT_FEATURES, schema_of
from fraud.traffic import routing
from fraud.traffic.routing import Routing
from fraud.versions.changes import Change
from fraud.versions.lifecycle import activate_version, rollback
from fraud.versions.registry import Registry
from fraud.versions.version import ModelVersion, Provenance
from tests.concurrency.conftest import THREADS

pytestmark = pytest.mark.concurrency
VERSIONS = [f"v1.{number}.0" for number in range(8)]


def made(version: str, sha256: str = "a" * 64) -> ModelVersion:
    return ModelVersion(
        version=version,
        created_at="2026-01-01T00:00:00.000Z",
        sha256=sha256,
        packed_sha256=sha256,
        packed_key=f"models/{version}/{sha256}.fpm",
        packed_bytes=1,
        family="test",
        schema=schema_of(DEFAULT_FEATURES),
        provenance=Provenance(drop_key=f"drops/{version}/model.joblib"),
    )


def together(*calls: Callable[[], object]) -> list[object]:
    """Run all at once; a FraudError is returned, anything else fails the test."""

    def outcome(call: Callable[[], object]) -> object:
        try:
            return call()
        except FraudError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(outcome, calls))


def test_exactly_one_of_sixteen_wins_each_revision(registry: Registry) -> None:
    for version in VERSIONS:
        registry.register(made(version), actor="test")
    for round_number in range(10):
        current = registry.routing()

        def move(number: int, current: Routing | None = current) -> Routing:
            version = VERSIONS[number % len(VERSIONS)]
            cause = routing.Cause("2026-01-01T00:00:00.000Z", str(number), "race", f"c{number}")
            following = routing.activation(current, version, cause)
            return registry.move(current, following)

        outcomes = together(*[lambda number=number: move(number) for number in range(THREADS)])
        won = [one for one in outcomes if isinstance(one, Routing)]
        lost = [one for one in outcomes if isinstance(one, ChangedMeanwhileError)]
        assert (len(won), len(lost)) == (1, THREADS - 1)
        assert registry.routing() == won[0]
        assert won[0].revision == round_number + 1


def test_any_interleaving_of_activations_and_rollbacks_equals_a_serial_order(registry: Registry) -> None:
    for version in VERSIONS:
        registry.register(made(version), actor="test")
    dice = random.Random(7)

    def change() -> Callable[[], Change]:
        if dice.random() < 0.3:
            return lambda: rollback(registry, by="test", why="race")
        version = dice.choice(VERSIONS)
        return lambda: activate_version(registry, version, by="test", why="race")

    outcomes = together(*[change() for _ in range(4 * THREADS)])
    history = list(registry.revisions())[::-1]
    assert [one.revision for one in history] == list(range(1, len(history) + 1))
    for before, after in itertools.pairwise(history):
        assert after.previous == before.active
        assert after.at >= before.at
        assert after.active != before.active
    assert registry.routing() == history[-1]
    reported = {(one.revision, one.current) for one in outcomes if isinstance(one, Change)}
    assert reported <= {(one.revision, one.active) for one in history}
    assert first_broken(registry.audit_entries()) is None
    assert len(registry.audit_entries()) == len(VERSIONS) + len(history)


def test_sixteen_registrations_of_one_version_leave_one_record(registry: Registry) -> None:
    drops = [made("v1.0.0", f"{number % 4:064x}") for number in range(THREADS)]
    outcomes = together(*[lambda drop=drop: registry.register(drop, actor="test") for drop in drops])
    stored = registry.version("v1.0.0")
    assert all(one == stored for one in outcomes)
    assert [one.version for one in registry.versions()] == ["v1.0.0"]
    assert len(registry.audit_entries()) == 1
