"""fraudctl keys: issue, list, rotate with overlap, revoke, against API Gateway and a registry table."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from typer.testing import Result

from fraud.access.client import Client, digest
from fraud.access.webhook import Signature, derived_secret, require_authentic
from fraud.audit.chain import first_broken
from fraud.clock import now
from fraud.versions.clients import looks_issued, new_key
from fraud.versions.registry import Registry
from tests.tables import table
from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]


class System(NamedTuple):
    """What a test sees of it."""

    gateway: Any
    dynamodb: Any
    plan: str
    secret_arn: str

    @property
    def registry(self) -> Registry:
        return Registry(self.dynamodb, "Registry")

    def client(self, key: str) -> Client:
        found = self.registry.find_client(digest(key))
        assert found is not None
        return found


@pytest.fixture
def system(cloud: str, outputs: Path, with_cloud: None) -> Iterator[System]:
    session = boto3.Session("test", "test", region_name="us-east-1")
    clients: dict[str, Any] = {
        name: session.client(name, endpoint_url=cloud) for name in ("apigateway", "dynamodb", "secretsmanager")
    }
    clients["dynamodb"].create_table(**table("Registry"))
    secret = clients["secretsmanager"].create_secret(Name="signing", SecretString="m4st3r")["ARN"]
    plan = clients["apigateway"].create_usage_plan(name="plan")["id"]
    found = json.loads(outputs.read_text())
    outputs.write_text(json.dumps({**found, "usage_plan_id": plan, "signing_secret_arn": secret}))
    yield System(clients["apigateway"], clients["dynamodb"], plan, secret)
    clients["dynamodb"].delete_table(TableName="Registry")
    clients["secretsmanager"].delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    for one in clients.values():
        one.close()


def issued(result: Result) -> str:
    assert result.exit_code == 0, result.output
    found = re.search(r"key +(frd_\w+)", result.output)
    assert found, result.output
    return found[1]


def test_a_key_is_made_in_the_plan_and_known_by_its_digest_alone(fraudctl: Fraudctl, system: System) -> None:
    # WHEN a key is created
    key = issued(fraudctl("keys", "create", "--client", "acme", "--scopes", "predict,logs:read", "--expires", "90d"))

    # THEN API Gateway lets it through, and the registry says what it may do
    client = system.client(key)
    held = system.gateway.get_api_key(apiKey=client.key_id, includeValue=True)
    assert (held["value"], held["enabled"]) == (key, True)
    assert [one["id"] for one in system.gateway.get_usage_plan_keys(usagePlanId=system.plan)["items"]] == [held["id"]]
    assert (client.name, client.scopes, client.signs) == ("acme", ("predict", "logs:read"), False)
    assert client.not_after == pytest.approx(now().timestamp() + 90 * 86_400, abs=60)
    assert key not in str(system.dynamodb.scan(TableName="Registry")["Items"])


def test_a_scope_nobody_knows_makes_no_key(fraudctl: Fraudctl, system: System) -> None:
    before = len(system.gateway.get_api_keys()["items"])
    result = fraudctl("keys", "create", "--client", "acme", "--scopes", "predict,everything")
    assert (result.exit_code, "everything" in result.output) == (2, True)
    assert len(system.gateway.get_api_keys()["items"]) == before
    assert fraudctl("keys", "create", "--client", "ac me", "--scopes", "predict").exit_code == 2
    assert fraudctl("keys", "create", "--client", "a", "--scopes", "predict", "--expires", "soon").exit_code == 2


def test_a_key_that_cannot_be_registered_is_taken_back(fraudctl: Fraudctl, system: System) -> None:
    before = len(system.gateway.get_api_keys()["items"])
    system.dynamodb.delete_table(TableName="Registry")
    try:
        assert fraudctl("keys", "create", "--client", "acme", "--scopes", "predict").exit_code == 4
    finally:
        system.dynamodb.create_table(**table("Registry"))
    assert len(system.gateway.get_api_keys()["items"]) == before


def test_rotation_leaves_the_old_key_good_for_the_overlap(fraudctl: Fraudctl, system: System) -> None:
    old = issued(fraudctl("keys", "create", "--client", "acme", "--scopes", "predict"))
    new = issued(fraudctl("keys", "rotate", "--client", "acme", "--overlap", "2h"))
    assert (system.client(new).scopes, system.client(new).not_after) == (("predict",), None)
    assert system.client(old).not_after == pytest.approx(now().timestamp() + 7200, abs=60)
    shown = fraudctl("keys", "list").output
    assert digest(old)[:12] in shown
    assert digest(new)[:12] in shown


def test_a_revoked_key_is_off_at_the_gateway_and_stays_revoked(fraudctl: Fraudctl, system: System) -> None:
    key = issued(fraudctl("keys", "create", "--client", "acme", "--scopes", "predict"))
    assert fraudctl("keys", "revoke", "--client", "acme", "--reason", "leaked").exit_code == 0
    client = system.client(key)
    assert client.revoked_at is not None
    assert system.gateway.get_api_key(apiKey=client.key_id)["enabled"] is False
    assert "revoked" in fraudctl("keys", "list").output
    again = fraudctl("keys", "rotate", "--client", "acme")
    assert (again.exit_code, "no key that is still good" in again.output) == (4, True)


def test_one_of_several_keys_can_be_revoked(fraudctl: Fraudctl, system: System) -> None:
    keys = [issued(fraudctl("keys", "create", "--client", "acme", "--scopes", "predict")) for _ in range(2)]
    assert fraudctl("keys", "revoke", "--client", "acme", "--key", digest(keys[0])[:12]).exit_code == 0
    assert [system.client(key).revoked_at is None for key in keys] == [False, True]
    assert fraudctl("keys", "revoke", "--client", "acme", "--key", "zzz").exit_code == 2


def test_every_change_of_a_key_is_audited(fraudctl: Fraudctl, system: System) -> None:
    issued(fraudctl("keys", "create", "--client", "acme", "--scopes", "predict"))
    issued(fraudctl("keys", "rotate", "--client", "acme"))
    fraudctl("keys", "revoke", "--client", "acme", "--reason", "contract ended")
    entries = system.registry.audit_entries()
    assert [one.action for one in entries] == ["client.key_created", "client.key_rotated", "client.key_revoked"]
    assert all(one.actor.startswith("fraudctl:") and one.subject == "acme" for one in entries)
    assert entries[2].details["why"] == "contract ended"
    assert first_broken(entries) is None


def test_a_signed_call_verifies_with_the_secret_the_key_came_with(
    fraudctl: Fraudctl, system: System, api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a key whose calls must be signed, and the secret shown with it
    result = fraudctl("keys", "create", "--client", "acme", "--scopes", "models:write", "--signed")
    secret = derived_secret("m4st3r", digest(issued(result)))
    assert secret in result.output
    api.answers("POST", "/models/rollback", {"previous_version": "v2", "current_version": "v1", "revision": 3})

    # WHEN a command is signed with that secret, and one with the stack's own
    monkeypatch.setenv("FRAUDCTL_SIGNING_SECRET", secret)
    assert fraudctl("--sign", "rollback").exit_code == 0
    monkeypatch.delenv("FRAUDCTL_SIGNING_SECRET")
    assert fraudctl("--sign", "rollback").exit_code == 0

    # THEN both signatures are of the bytes that were sent
    for (headers, raw), used in zip(api.raw, (secret, derived_secret("m4st3r", digest("admin-key"))), strict=True):
        sent = Signature(*(headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")))
        require_authentic(used, sent, raw, now().timestamp())


def test_an_issued_key_is_recognised_and_a_mistyped_one_is_not() -> None:
    key = new_key()
    assert looks_issued(key)
    assert not looks_issued(key[:-1] + ("A" if key[-1] != "A" else "B"))
    assert not looks_issued(key[:10] + ("A" if key[10] != "A" else "B") + key[11:])
    assert not looks_issued("frd_")
