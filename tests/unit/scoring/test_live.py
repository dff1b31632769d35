"""The active model: obeyed within the cache time, kept when the registry is out of reach, never half loaded."""

from collections.abc import Iterator

import pytest
from sklearn.tree import DecisionTreeClassifier

from fraud.errors import InvalidPackedModelError, NoActiveModelError, UnavailableError
from fraud.packing import pack
from fraud.scoring.live import LiveModels
from fraud.scoring.schema import DEFAULT_FEATURES, schema_of
from fraud.scoring.transaction import Transaction
from fraud.traffic.routing import Cause, Routing, Split, activation, beside
from fraud.versions.version import ModelVersion, Provenance


@pytest.fixture(scope="module")
def packed() -> bytes:
    rows = [[float(row * column % 7) for column in range(30)] for row in range(40)]
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(rows, [row % 2 for row in range(40)])
    return pack(tree, feature_names=list(DEFAULT_FEATURES)).model


class Registry:
    """A registry in memory, counting what is asked of it."""

    def __init__(self, packed: bytes) -> None:
        self.bytes = packed
        self.current: Routing | None = None
        self.failing: Exception | None = None
        self.loads: list[str] = []
        self.before: list[str] = []

    def activate(self, version: str) -> None:
        self.current = activation(self.current, version, Cause("t", "t", "", ""))

    def put_beside(self, version: str, share: int, strategy: str = "canary") -> None:
        assert self.current
        split = Split("r1", strategy, version, share, "salt")
        self.current = beside(self.current, split, Cause("t", "t", "", ""), "rollout")

    def routing(self) -> Routing | None:
        if self.failing:
            raise self.failing
        return self.current

    def served_before(self, routing: Routing) -> Iterator[str]:
        yield from self.before

    def version(self, version: str) -> ModelVersion:
        return ModelVersion(
            version=version, created_at="t", sha256="", packed_sha256="", packed_key="", packed_bytes=0, family="f",
            schema=schema_of(DEFAULT_FEATURES), provenance=Provenance(drop_key=""),
        )  # fmt: skip

    def packed(self, version: ModelVersion) -> bytes:
        self.loads.append(version.version)
        if version.version == "v0.0.0":
            raise InvalidPackedModelError("broken")
        return self.bytes


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def registry(packed: bytes) -> Registry:
    return Registry(packed)


def models(registry: Registry, clock: Clock | None = None, cache_size: int = 3) -> LiveModels:
    return LiveModels(registry, cache_size=cache_size, routing_seconds=5.0, monotonic=clock or Clock())


def test_a_change_is_obeyed_once_the_cache_time_is_over(registry: Registry) -> None:
    clock = Clock()
    live = models(registry, clock)
    registry.activate("v1.0.0")
    assert live.active().version == "v1.0.0"
    registry.activate("v1.1.0")
    clock.now = 4.9
    assert live.active().version == "v1.0.0"
    clock.now = 5.0
    assert live.active().version == "v1.1.0"


def test_nothing_active_is_an_error_until_something_is(registry: Registry) -> None:
    live = models(registry)
    with pytest.raises(NoActiveModelError):
        live.active()
    registry.activate("v1.0.0")
    assert live.active().version == "v1.0.0"


def test_an_unreachable_registry_leaves_the_last_known_version_in_service_and_says_so(registry: Registry) -> None:
    clock = Clock()
    live = models(registry, clock)
    registry.activate("v1.0.0")
    live.active()
    registry.failing = UnavailableError("no answer")
    clock.now = 10.0
    assert live.active().version == "v1.0.0"
    assert live.degraded is not None
    registry.failing = None
    clock.now = 20.0
    live.active()
    assert live.degraded is None


def test_a_cold_instance_without_a_registry_refuses(registry: Registry) -> None:
    registry.failing = UnavailableError("no answer")
    with pytest.raises(UnavailableError, match="no model can be loaded"):
        models(registry).active()


def test_a_version_that_does_not_load_never_replaces_the_one_that_serves(registry: Registry) -> None:
    clock = Clock()
    live = models(registry, clock)
    registry.activate("v1.0.0")
    live.active()
    registry.activate("v0.0.0")
    clock.now = 5.0
    assert live.active().version == "v1.0.0"
    assert live.degraded is not None


def test_a_cold_instance_answers_with_what_served_before_a_version_that_does_not_load(registry: Registry) -> None:
    # GIVEN an active version that does not load, after one that does not either
    registry.before = ["v0.0.0", "v1.0.0"]
    registry.activate("v0.0.0")

    # WHEN an instance starts
    clock = Clock()
    live = models(registry, clock)

    # THEN what served before answers and the reason is said, until the active one loads again
    assert live.active().version == "v1.0.0"
    assert live.degraded == "serving what served before: broken"
    registry.activate("v1.1.0")
    clock.now = 5.0
    assert live.active().version == "v1.1.0"
    assert not live.degraded


def test_a_cold_instance_refuses_when_nothing_that_served_before_loads(registry: Registry) -> None:
    registry.before = ["v0.0.0", "v0.0.0", "v1.0.0"]
    registry.activate("v0.0.0")
    with pytest.raises(UnavailableError, match="broken"):
        models(registry).active()


def test_the_last_three_models_are_kept_and_the_oldest_let_go(registry: Registry) -> None:
    live = models(registry)
    for version in ("v1.0.0", "v1.1.0", "v1.2.0", "v1.0.0", "v1.3.0", "v1.0.0", "v1.1.0"):
        live.load(version)
    assert registry.loads == ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "v1.1.0"]


def asked(number: int, entity: str | None = None) -> Transaction:
    return Transaction(transaction_id=f"t-{number}", amount=1.0, time=1.0, features={}, entity_id=entity)


def answered_by(live: LiveModels, numbers: range) -> list[str]:
    return [live.lineup().answering(asked(number)).version for number in numbers]


def test_a_candidate_answers_its_share_and_a_growing_share_keeps_who_is_in(registry: Registry) -> None:
    # GIVEN a canary at 5 %, then at 25 %
    clock = Clock()
    live = models(registry, clock)
    registry.activate("v1.0.0")
    registry.put_beside("v1.1.0", 50_000)
    small = answered_by(live, range(2000))
    registry.put_beside("v1.1.0", 250_000)
    clock.now = 5.0
    large = answered_by(live, range(2000))

    # THEN each share is what it should be, and nobody left
    assert small.count("v1.1.0") == pytest.approx(100, abs=40)
    assert large.count("v1.1.0") == pytest.approx(500, abs=80)
    assert all(after == "v1.1.0" for before, after in zip(small, large, strict=True) if before == "v1.1.0")


def test_all_transactions_of_an_entity_are_answered_by_one_version(registry: Registry) -> None:
    live = models(registry)
    registry.activate("v1.0.0")
    registry.put_beside("v1.1.0", 500_000)
    for entity in ("card-1", "card-2", "card-3", "card-4"):
        assert len({live.lineup().answering(asked(number, entity)).version for number in range(20)}) == 1


def test_a_shadow_answers_nobody(registry: Registry) -> None:
    live = models(registry)
    registry.activate("v1.0.0")
    registry.put_beside("v1.1.0", 1_000_000, "shadow")
    assert set(answered_by(live, range(50))) == {"v1.0.0"}
    assert registry.loads == ["v1.0.0"]


def test_a_candidate_that_does_not_load_answers_nobody(registry: Registry) -> None:
    live = models(registry)
    registry.activate("v1.0.0")
    registry.put_beside("v0.0.0", 1_000_000)
    assert set(answered_by(live, range(50))) == {"v1.0.0"}
    assert live.degraded is None
