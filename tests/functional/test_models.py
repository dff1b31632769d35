"""models: versions, activation, rollback and their history, through the handler."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import pytest

from fraud.packing import pack
from fraud.scoring.schema import DEFAULT_FEATURES
from fraud.versions.registry import Registry
from fraud.versions.version import ModelVersion
from tests.functional import models as models_made
from tests.functional.conftest import Stack, grant
from tests.functional.models import forest

Event = Callable[..., dict[str, Any]]
Reply = tuple[int, dict[str, Any]]


def registered(version: str, created_at: str = "2026-01-01T00:00:00.000Z") -> ModelVersion:
    return models_made.registered(version, forest(), Stack.model_bucket, packed=packed(), created_at=created_at)


@cache
def packed() -> Any:
    """One model for all versions here: packing takes longer than everything else."""
    return pack(forest(), feature_names=list(DEFAULT_FEATURES))


@pytest.fixture
def models(stack: Stack, event: Event) -> Callable[..., Reply]:
    """Call the function by the name of its recorded event."""

    def call(name: str, version: str | None = None, **changes: Any) -> Reply:
        asked = event(f"models_{name}", **changes)
        if version:
            asked["path"] = asked["path"].replace("v1.0.0", version)
        response = stack.call("models", asked)
        return response["statusCode"], json.loads(response["body"])

    return call


def test_versions_are_listed_newest_first(models: Callable[..., Reply]) -> None:
    registered("v1.0.0", "2026-01-01T00:00:00.000Z")
    registered("v1.1.0", "2026-01-02T00:00:00.000Z")
    status, body = models("versions")
    assert status == 200
    assert [one["version"] for one in body["versions"]] == ["v1.1.0", "v1.0.0"]
    assert (body["active_version"], body["total_versions"]) == (None, 2)
    assert body["versions"][0]["status"] == "READY"
    assert body["versions"][0]["is_active"] is False


def test_activation_and_rollback_say_what_served_before(models: Callable[..., Reply]) -> None:
    for version in ("v1.0.0", "v1.1.0"):
        registered(version)
    assert models("activate", "v1.0.0") == (
        200, {"previous_version": None, "new_version": "v1.0.0", "revision": 1}
    )  # fmt: skip
    assert models("activate", "v1.1.0")[1] == {"previous_version": "v1.0.0", "new_version": "v1.1.0", "revision": 2}
    assert models("activate", "v1.0.0")[1] == {"previous_version": "v1.1.0", "new_version": "v1.0.0", "revision": 3}
    assert models("rollback")[1] == {"previous_version": "v1.0.0", "current_version": "v1.1.0", "revision": 4}
    assert models("active")[1]["version"] == "v1.1.0"
    assert models("rollback")[1] == {"previous_version": "v1.1.0", "current_version": "v1.0.0", "revision": 5}


def test_activating_the_active_version_changes_nothing(models: Callable[..., Reply]) -> None:
    registered("v1.0.0")
    models("activate")
    assert models("activate") == (200, {"previous_version": None, "new_version": "v1.0.0", "revision": 1})


def test_a_rollback_without_history_is_a_conflict(models: Callable[..., Reply]) -> None:
    status, body = models("rollback")
    assert (status, body["error"]["code"]) == (409, "no_rollback_target")
    registered("v1.0.0")
    models("activate")
    status, body = models("rollback")
    assert (status, body["error"]["code"]) == (409, "no_rollback_target")


def test_an_unknown_version_is_not_found(models: Callable[..., Reply]) -> None:
    for name in ("activate", "version"):
        status, body = models(name, "v9.9.9")
        assert (status, body["error"]["code"]) == (404, "version_not_found")


def test_a_version_outside_the_grammar_is_refused_by_field(models: Callable[..., Reply]) -> None:
    status, body = models("activate", "latest")
    assert (status, body["error"]["code"]) == (422, "invalid_version")
    assert body["error"]["details"][0]["field"] == "version"


def test_a_condemned_version_may_not_be_activated(models: Callable[..., Reply], stack: Stack) -> None:
    registered("v1.0.0")
    stack.dynamodb.put_item(
        TableName="Registry", Item={"pk": {"S": "VERSION#v1.0.0"}, "sk": {"S": "CONDEMNED"}, "why": {"S": "test"}}
    )
    status, body = models("activate")
    assert (status, body["error"]["code"]) == (409, "version_not_ready")
    assert models("version")[1]["status"] == "CONDEMNED"


def test_what_was_live_at_a_moment_is_remembered(models: Callable[..., Reply]) -> None:
    registered("v1.0.0")
    models("activate")
    since = models("active")[1]["since"]
    at = {"queryStringParameters": {"at": since}, "multiValueQueryStringParameters": {"at": [since]}}
    assert models("active", **at)[1] == {"version": "v1.0.0", "revision": 1, "since": since}
    before = {"queryStringParameters": {"at": "2000-01-01T00:00:00Z"},
              "multiValueQueryStringParameters": {"at": ["2000-01-01T00:00:00Z"]}}  # fmt: skip
    assert models("active", **before)[0] == 404
    nonsense = {"queryStringParameters": {"at": "noon"}, "multiValueQueryStringParameters": {"at": ["noon"]}}
    status, body = models("active", **nonsense)
    assert (status, body["error"]["details"][0]["field"]) == (422, "at")


def test_a_versions_history_tells_who_did_what_and_why(models: Callable[..., Reply]) -> None:
    for version in ("v1.0.0", "v1.1.0"):
        registered(version)
        models("activate", version)
    told = [(one["event"], one["by"], one["why"]) for one in models("version")[1]["history"]]
    assert told == [("replaced", "admin", "better recall"), ("activate", "admin", "better recall")]


def test_every_change_is_in_the_audit_chain(models: Callable[..., Reply]) -> None:
    registered("v1.0.0")
    models("activate")
    entries = Registry(boto3.client("dynamodb"), "Registry").audit_entries()
    assert [(one.action, one.subject, one.actor) for one in entries] == [
        ("version.registered", "v1.0.0", "test"),
        ("version.activated", "v1.0.0", "admin"),
    ]


def test_a_key_without_the_scope_may_look_and_not_touch(
    models: Callable[..., Reply], stack: Stack, event: Event
) -> None:
    grant(stack, "reader-key", "reader", ["models:read"])
    headers = {"x-api-key": "reader-key"}
    assert models("versions", headers=headers)[0] == 200
    status, body = models("activate", headers=headers)
    assert (status, body["error"]["code"]) == (403, "insufficient_scope")


def test_a_wrong_body_is_refused_by_field(models: Callable[..., Reply]) -> None:
    registered("v1.0.0")
    assert models("activate", body="{")[1]["error"]["code"] == "malformed_json"
    status, body = models("activate", body='{"strategy": "yolo", "extra": 1}')
    assert status == 422
    assert [one["field"] for one in body["error"]["details"]] == ["strategy", "extra"]


def test_the_callers_request_id_is_kept(stack: Stack, event: Event) -> None:
    asked = event("models_versions")
    asked["headers"] = {**asked["headers"], "X-Request-Id": "mine-1"}
    assert stack.call("models", asked)["multiValueHeaders"]["X-Request-Id"] == ["mine-1"]


def test_an_unknown_deployment_and_an_unknown_route_are_not_found(models: Callable[..., Reply]) -> None:
    assert models("deployment")[0] == 404
    assert models("versions", path="/api/v1/models/nothing")[1]["error"]["code"] == "not_found"
    assert models("deployments") == (200, {"deployments": []})


def test_a_body_is_json_whatever_a_clients_default_content_type_says(models: Callable[..., Reply]) -> None:
    registered("v1.0.0")
    headers = {"x-api-key": "admin-key", "Content-Type": "application/x-www-form-urlencoded"}
    assert models("activate", headers=headers)[0] == 200


def test_a_version_that_cannot_be_loaded_is_never_made_active(models: Callable[..., Reply], stack: Stack) -> None:
    # GIVEN two versions, one active, the bytes of the other not those that were registered
    for version in ("v1.0.0", "v1.1.0"):
        made = registered(version)
    models("activate", "v1.0.0")
    stack.s3.put_object(Bucket=stack.model_bucket, Key=made.packed_key, Body=b"other bytes")

    # WHEN it is activated
    status, body = models("activate", "v1.1.0")

    # THEN the pointer has not moved
    assert (status, body["error"]["code"]) == (409, "warm_up_failed")
    assert "SHA-256 differs" in body["error"]["message"]
    assert models("active")[1]["version"] == "v1.0.0"


def test_a_store_that_does_not_answer_says_nothing_about_a_version(
    models: Callable[..., Reply], stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered("v1.0.0")
    monkeypatch.setenv("PREDICT_FUNCTION", "stack-nowhere")
    status, body = models("activate")
    assert (status, body["error"]["code"]) == (503, "dependency_unavailable")


def test_a_pardoned_version_may_serve_again_and_why_it_was_condemned_stays(
    models: Callable[..., Reply], stack: Stack
) -> None:
    registered("v1.0.0")
    condemned = {"pk": "VERSION#v1.0.0", "sk": "CONDEMNED", "why": "errors", "by": "rollout", "at": "t"}
    item = {name: {"S": value} for name, value in condemned.items()}
    stack.dynamodb.put_item(TableName="Registry", Item=item)

    status, body = models("pardon")
    assert (status, body["why"], body["pardoned_why"], body["pardoned_by"]) == (200, "errors", "a bad client", "admin")
    assert models("version")[1]["status"] == "READY"
    assert models("version")[1]["condemnation"]["why"] == "errors"
    assert models("activate")[0] == 200
    assert models("pardon")[1]["error"]["code"] == "not_condemned"
