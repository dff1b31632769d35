"""The active model: obeyed within the cache time, kept when the registry is out of reach, never half loaded."""

import pytest
from sklearn.tree import DecisionTreeClassifier

from fraud.errors import InvalidPackedModelError, NoActiveModelError, UnavailableError
from fraud.packing import pack
from fraud.scoring.live import LiveModels
from fraud.scoring.schema import DEFAULT_FEATURES, schema_of
from fraud.traffic.routing import Routing, activation
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

    def activate(self, version: str) -> None:
        self.current = activation(self.current, version, at="t", by="t", why="", change_id="")

    def routing(self) -> Routing | None:
        if self.failing:
            raise self.failing
        return self.current

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


def test_the_last_three_models_are_kept_and_the_oldest_let_go(registry: Registry) -> None:
    live = models(registry)
    for version in ("v1.0.0", "v1.1.0", "v1.2.0", "v1.0.0", "v1.3.0", "v1.0.0", "v1.1.0"):
        live.load(version)
    assert registry.loads == ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "v1.1.0"]
