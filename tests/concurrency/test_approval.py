"""I1 with four eyes: racing callers at the registry itself never make an unapproved version live."""

import pytest

from fraud.errors import ApprovalRequiredError, ChangedMeanwhileError
from fraud.traffic import routing
from fraud.traffic.routing import Cause, Routing
from fraud.versions.registry import Registry
from fraud.versions.registry.approvals import Approval
from tests.concurrency.test_activation import made, together

pytestmark = [pytest.mark.concurrency, pytest.mark.xdist_group("concurrency")]


def test_racing_callers_at_the_registry_activate_only_what_is_approved(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_APPROVAL", "true")
    for version in ("v1.0.0", "v1.1.0"):
        registry.register(made(version), actor="test")
    registry.approve("v1.1.0", Approval("bob", "2026-01-01T00:00:00.000Z"))
    for _ in range(10):
        current = registry.routing()

        def move(version: str, caller: str, current: Routing | None = current) -> Routing:
            at = "2026-01-01T00:00:00.000Z"
            following = routing.activation(current, version, Cause(at=at, by=caller, why="race", change_id=caller))
            return registry.move(current, following)

        # WHEN two callers race with the unapproved version, and two with the approved one
        calls = [("v1.0.0", "a"), ("v1.0.0", "b"), ("v1.1.0", "c"), ("v1.1.0", "d")]
        outcomes = together(*[lambda one=one: move(*one) for one in calls])

        # THEN one with the approved one wins, and no other
        assert all(isinstance(one, ApprovalRequiredError | ChangedMeanwhileError) for one in outcomes[:2])
        assert sum(isinstance(one, Routing) for one in outcomes) == 1
    assert {one.active for one in registry.revisions()} == {"v1.1.0"}
