"""Roles are enforced on the running system, and hold nothing to spare: without one of its actions a role's call fails.

Of its own, because everybody else's calls fail meanwhile: `SOAK=1 pytest tests/system/test_least_privilege.py`.
`tests/unit/test_template_roles.py` holds every role to its exact actions in every run.
"""

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.system.caller import Caller, wait

pytestmark = [pytest.mark.system, pytest.mark.skipif("SOAK" not in os.environ, reason="SOAK=1 runs it")]
TRANSACTION = json.loads((Path(__file__).parents[2] / "events" / "predict_transaction.json").read_text())["body"]
SECONDS = 20.0


class Roles:
    """The roles of the deployed stack."""

    def __init__(self, caller: Caller) -> None:
        told = caller.outputs
        session = boto3.Session("test", "test", region_name=told["region"])
        self._iam: Any = session.client("iam", endpoint_url=told["endpoint_url"])
        self._stacks: Any = session.client("cloudformation", endpoint_url=told["endpoint_url"])
        self._stack = told["stack"]

    @contextmanager
    def without(self, role: str, action: str, resource: str) -> Iterator[None]:
        """The role without one action on what `resource` is part of the name of; given back in the end."""
        name = self._stacks.describe_stack_resource(StackName=self._stack, LogicalResourceId=role)[
            "StackResourceDetail"
        ]["PhysicalResourceId"]
        [policy] = self._iam.list_role_policies(RoleName=name)["PolicyNames"]
        whole = self._iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        less = {**whole, "Statement": [_less(one, action, resource) for one in whole["Statement"]]}
        assert less != whole, f"{role} has no {action} on {resource}"
        try:
            self._put(name, policy, less)
            yield
        finally:
            self._put(name, policy, whole)

    def _put(self, name: str, policy: str, document: dict[str, Any]) -> None:
        self._iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


def _less(statement: dict[str, Any], action: str, resource: str) -> dict[str, Any]:
    if resource not in str(statement["Resource"]):
        return statement
    kept = [one for one in statement["Action"] if one != action]
    return {**statement, "Action": kept or ["none:None"]}


@pytest.fixture(scope="module")
def roles(caller: Caller) -> Roles:
    return Roles(caller)


def predict() -> tuple[str, str, object]:
    return "POST", "/predict", {**json.loads(TRANSACTION), "transaction_id": f"iam-{uuid.uuid4().hex}"}


def label() -> tuple[str, str, object]:
    return "POST", "/labels", {"transaction_id": uuid.uuid4().hex, "is_fraud": True, "source": "analyst"}


CASES = [
    ("PredictRole", "dynamodb:PutItem", "Requests", predict),
    ("ModelsRole", "dynamodb:Query", "Registry", lambda: ("GET", "/models/versions", None)),
    ("FeedbackRole", "dynamodb:PutItem", "Watch", label),
    ("MonitoringRole", "dynamodb:Query", "Watch", lambda: ("GET", "/metrics/performance", None)),
    ("MonitoringRole", "s3:ListBucket", "logs", lambda: ("GET", "/logs", None)),
    ("AuditRole", "dynamodb:Query", "Registry", lambda: ("GET", "/audit", None)),
    ("RolloutRole", "dynamodb:Query", "Registry", lambda: ("GET", "/rollouts", None)),
    ("BatchesRole", "dynamodb:GetItem", "Batches", lambda: ("GET", f"/batches/b-{'0' * 26}", None)),
]


@pytest.mark.parametrize(("role", "action", "resource", "request_of"), CASES, ids=[" ".join(one[:3]) for one in CASES])
def test_a_role_without_an_action_fails_the_call_that_needs_it(
    caller: Caller, roles: Roles, role: str, action: str, resource: str, request_of: Any
) -> None:
    # GIVEN a call that the role allows
    before = caller.call(*request_of())
    assert before[0] < 500, before
    # WHEN one action is taken from the role / THEN the call fails as a dependency that refuses
    with roles.without(role, action, resource):
        refused = wait(lambda: found if (found := caller.call(*request_of()))[0] >= 500 else None, SECONDS)
        assert (refused[0], refused[1]["error"]["code"]) == (503, "dependency_unavailable")
    # AND it is given back
    wait(lambda: caller.call(*request_of())[0] == before[0] or None, SECONDS)


def test_an_answer_that_cannot_be_recorded_is_not_given(caller: Caller, roles: Roles) -> None:
    # GIVEN predict without the right to write its record
    with roles.without("PredictRole", "dynamodb:PutItem", "Requests"):
        sent = predict()
        wait(lambda: caller.call(*sent)[0] == 503 or None, SECONDS)
    # WHEN the right is back and the same transaction is sent again
    time.sleep(1)
    status, answer = caller.call(*sent)
    # THEN it is decided now, for the first time
    assert (status, answer["cache_hit"]) == (200, False)
