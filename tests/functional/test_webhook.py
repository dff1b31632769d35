"""POST /deploy: what can be said at once is said at once; the rest is a drop like any other."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.conftest import Stack, grant
from tests.functional.test_models import registered

Event = Callable[..., dict[str, Any]]
Reply = tuple[int, dict[str, Any]]
MODEL = b"the bytes of a model"
DIGEST = hashlib.sha256(MODEL).hexdigest()


@pytest.fixture
def deploy(stack: Stack, event: Event) -> Callable[..., Reply]:
    """Submit the recorded request with changes; the model lies where it says."""
    stack.s3.put_object(Bucket=stack.model_bucket, Key="incoming/build-77/model.joblib", Body=MODEL)

    def call(key: str = "admin-key", **changes: Any) -> Reply:
        sent = event("deploy_webhook")
        body = {**json.loads(sent["body"]), "sha256": DIGEST, **changes}
        sent["body"] = json.dumps({name: value for name, value in body.items() if value is not None})
        sent["headers"] = {**sent["headers"], "x-api-key": key}
        response = stack.call("deploy", sent)
        return response["statusCode"], json.loads(response["body"])

    return call


def drops(stack: Stack) -> dict[str, bytes]:
    found = stack.s3.list_objects_v2(Bucket=stack.model_bucket, Prefix="drops/").get("Contents", [])
    return {one["Key"]: stack.s3.get_object(Bucket=stack.model_bucket, Key=one["Key"])["Body"].read() for one in found}


def test_a_submission_becomes_a_drop_with_its_claims_beside_it(deploy: Callable[..., Reply], stack: Stack) -> None:
    status, body = deploy()
    assert (status, body["state"], body["version"]) == (202, "received", "v1.0.0")
    found = drops(stack)
    assert found["drops/v1.0.0/model.joblib"] == MODEL
    assert json.loads(found["drops/v1.0.0/manifest.json"]) == {
        "sha256": DIGEST, "description": "nightly", "metrics": {"f1": 0.9}, "git_commit": "abc123", "build_id": "77",
    }  # fmt: skip


def test_the_deployment_can_be_followed_at_once(deploy: Callable[..., Reply], stack: Stack, event: Event) -> None:
    _, begun = deploy()
    asked = event("models_deployment")
    asked["path"] = f"/api/v1/deployments/{begun['deployment_id']}"
    assert json.loads(stack.call("models", asked)["body"]) == begun


def test_the_same_submission_again_is_the_same_deployment(deploy: Callable[..., Reply]) -> None:
    assert deploy()[1] == deploy()[1]


def test_a_version_known_with_other_bytes_is_a_conflict(deploy: Callable[..., Reply], stack: Stack) -> None:
    registered("v1.0.0")
    status, body = deploy()
    assert (status, body["error"]["code"]) == (409, "version_exists")
    assert drops(stack) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": "latest"}, "version"),
        ({"version": None}, "version"),
        ({"sha256": "0" * 64}, "sha256"),
        ({"sha256": "abc"}, "sha256"),
        ({"sha256": None}, "sha256"),
        ({"model_url": "s3://somebody-elses-bucket/model.joblib"}, "model_url"),
        ({"model_url": "s3://stack-models/incoming/nothing/model.joblib"}, "model_url"),
        ({"model_url": "s3://stack-models/models/v1.0.0/model.joblib"}, "model_url"),
        ({"model_url": "s3://stack-models/incoming/../drops/model.joblib"}, "model_url"),
        ({"model_url": "https://example.com/model.joblib"}, "model_url"),
        ({"model_url": "s3://stack-models/incoming/model.pkl"}, "model_url"),
        ({"performance_metrics": {"f1": "high"}}, "performance_metrics.f1"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_submission_is_refused_by_field_and_drops_nothing(
    deploy: Callable[..., Reply], stack: Stack, changes: dict[str, Any], field: str
) -> None:
    status, body = deploy(**changes)
    assert (status, [one["field"] for one in body["error"]["details"]]) == (422, [field])
    assert drops(stack) == {}


def test_the_scope_is_needed(deploy: Callable[..., Reply], stack: Stack) -> None:
    grant(stack, "reader", "reader", ["models:read"])
    assert deploy(key="reader")[0] == 403
    grant(stack, "ci", "ci", ["models:deploy"])
    assert deploy(key="ci")[0] == 202
