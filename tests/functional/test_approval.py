"""Four eyes: nothing goes live before somebody other than its deployer approved it, whichever way it is tried."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import msgspec
import pytest

from fraud.errors import ApprovalRequiredError
from fraud.traffic import routing
from fraud.versions import lifecycle
from fraud.versions.registry import Registry
from fraud.versions.version import Provenance
from tests.functional.conftest import Stack, grant
from tests.functional.test_access import event
from tests.functional.test_models import registered

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Call:
    """POST to the models function with somebody's key; approval is required."""
    monkeypatch.setenv("REQUIRE_APPROVAL", "true")
    for name in ("alice", "bob"):
        grant(stack, f"{name}-key", name, ["models:write", "models:approve", "models:read"])
    grant(stack, "carol-key", "carol", ["models:write"])

    def post(path: str, who: str, version: str = "v1.0.0", method: str = "POST") -> tuple[int, dict[str, Any]]:
        sent = event(f"{method} {path}", f"{who}-key", '{"reason": "looks right"}')
        sent["path"] = sent["path"].replace("v9.9.9", version)
        answered = stack.call("models", sent)
        return answered["statusCode"], json.loads(answered["body"])

    return post


APPROVE, ACTIVATE = "/models/versions/{version}/approve", "/models/activate/{version}"


def deployed_by(name: str, version: str = "v1.0.0") -> None:
    """A version registered as a deployment asked for by somebody would be."""
    made = registered("v0.0.1")
    provenance = Provenance(drop_key=f"drops/{version}/model.joblib", deployed_by=name)
    made = msgspec.structs.replace(made, version=version, provenance=provenance)
    Registry(boto3.client("dynamodb"), "Registry").register(made, actor="test")


def test_a_version_goes_live_once_another_approved_it(stack: Stack, call: Call) -> None:
    deployed_by("alice")
    status, body = call(ACTIVATE, "alice")
    assert (status, body["error"]["code"]) == (409, "approval_required")
    status, body = call(APPROVE, "bob")
    assert (status, [(one["by"], one["why"]) for one in body["approvals"]]) == (200, [("bob", "looks right")])
    assert call(ACTIVATE, "alice")[0] == 200
    shown = call("/models/versions/{version}", "alice", method="GET")[1]
    assert [one["by"] for one in shown["approvals"]] == ["bob"]
    actions = [one.action for one in Registry(boto3.client("dynamodb"), "Registry").audit_entries()]
    assert actions[-2:] == ["version.approved", "version.activated"]


def test_nobody_approves_what_they_deployed(stack: Stack, call: Call) -> None:
    deployed_by("alice")
    status, body = call(APPROVE, "alice")
    assert (status, body["error"]["code"]) == (403, "self_approval")
    assert call(ACTIVATE, "bob")[0] == 409


def test_who_lacks_the_scope_approves_nothing(stack: Stack, call: Call) -> None:
    deployed_by("alice")
    status, body = call(APPROVE, "carol")
    assert (status, body["error"]["code"]) == (403, "insufficient_scope")


def test_approving_twice_is_one_approval(stack: Stack, call: Call) -> None:
    deployed_by("alice")
    assert call(APPROVE, "bob") == call(APPROVE, "bob")
    entries = Registry(boto3.client("dynamodb"), "Registry").audit_entries()
    assert [one.action for one in entries].count("version.approved") == 1


def test_an_unknown_or_condemned_version_cannot_be_approved(stack: Stack, call: Call) -> None:
    assert call(APPROVE, "bob")[1]["error"]["code"] == "version_not_found"
    deployed_by("alice")
    condemned = {"pk": {"S": "VERSION#v1.0.0"}, "sk": {"S": "CONDEMNED"}, "why": {"S": "test"}}
    stack.dynamodb.put_item(TableName="Registry", Item=condemned)
    assert call(APPROVE, "bob")[1]["error"]["code"] == "version_not_ready"


def test_the_registry_itself_refuses_what_nobody_approved(stack: Stack, call: Call) -> None:
    # GIVEN a version nobody approved / WHEN it is written straight to the registry / THEN the transaction fails
    deployed_by("alice")
    registry = Registry(boto3.client("dynamodb"), "Registry")
    cause = routing.Cause(at="2026-01-01T00:00:00.000Z", by="x", why="", change_id="c")
    following = routing.activation(None, "v1.0.0", cause)
    with pytest.raises(ApprovalRequiredError):
        registry.move(None, following)
    assert registry.routing() is None


def test_a_rollback_needs_no_approval_of_what_served_before(
    stack: Stack, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN two versions that served before approval was required
    registry = Registry(boto3.client("dynamodb"), "Registry")
    monkeypatch.setenv("REQUIRE_APPROVAL", "false")
    for version in ("v1.0.0", "v1.1.0"):
        registered(version)
        lifecycle.activate_version(registry, version, by="test", why="")
    monkeypatch.setenv("REQUIRE_APPROVAL", "true")

    # WHEN somebody rolls back / THEN nothing stands in the way
    assert call("/models/rollback", "alice")[1]["current_version"] == "v1.0.0"
    assert call(ACTIVATE, "alice", "v1.1.0")[0] == 409
