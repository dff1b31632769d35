"""Setting up once: what keys may do, the evaluation set, and who may sign drops."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import Result

from fraud.access.client import digest
from fraud.access.signing import signer
from fraud.access.signing_store import SigningKeys
from fraud.versions.registry import Registry
from tests.tables import table

Fraudctl = Callable[..., Result]


@pytest.fixture
def dynamodb(cloud: str, outputs: Path, with_cloud: None) -> Any:
    """The registry table of the system the outputs file leads to."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    client: Any = session.client("dynamodb", endpoint_url=cloud)
    client.create_table(**table("Registry"))
    yield client
    client.delete_table(TableName="Registry")
    client.close()


def test_the_stacks_two_keys_are_registered_under_their_digests(fraudctl: Fraudctl, dynamodb: Any) -> None:
    result = fraudctl("register-keys")
    assert result.exit_code == 0, result.output
    registry = Registry(dynamodb, "Registry")
    admin, scoring = (registry.find_client(digest(key)) for key in ("admin-key", "scoring-key"))
    assert admin and scoring
    assert (admin.name, admin.scopes) == ("admin", ("*",))
    assert "models:write" not in scoring.scopes
    assert fraudctl("register-keys").exit_code == 0
    assert [entry.action for entry in registry.audit_entries()] == ["client.key_registered"] * 2
    assert "admin-key" not in str(dynamodb.scan(TableName="Registry")["Items"])


def test_a_file_signed_by_an_added_key_counts_until_the_key_is_revoked(
    fraudctl: Fraudctl, dynamodb: Any, tmp_path: Path
) -> None:
    model, private = tmp_path / "model.joblib", tmp_path / "release.pem"
    model.write_bytes(b"a model")
    public = fraudctl("signing", "new-key", str(private)).output.strip()
    assert private.stat().st_mode & 0o777 == 0o600
    assert fraudctl("signing", "add", "release", public).exit_code == 0
    assert fraudctl("signing", "sign", str(model), "--version", "v1.0.0", "--key", str(private)).exit_code == 0
    signature = (tmp_path / "model.joblib.sig").read_text()
    digest = hashlib.sha256(b"a model").hexdigest()
    keys = SigningKeys(dynamodb, "Registry")
    assert signer(keys.known(), "v1.0.0", digest, signature) == "release"
    assert public[:20] in fraudctl("signing", "list").output
    assert fraudctl("signing", "revoke", "release").exit_code == 0
    assert keys.known() == []


def test_a_private_key_is_never_overwritten(fraudctl: Fraudctl, tmp_path: Path) -> None:
    private = tmp_path / "release.pem"
    private.write_text("precious")
    assert fraudctl("signing", "new-key", str(private)).exit_code == 2
    assert private.read_text() == "precious"


def test_a_file_that_is_no_private_key_is_said(fraudctl: Fraudctl, tmp_path: Path) -> None:
    (tmp_path / "model.joblib").write_bytes(b"a model")
    (tmp_path / "key").write_text("no key")
    result = fraudctl("signing", "sign", str(tmp_path / "model.joblib"), "--version", "v1.0.0", "--key",
                      str(tmp_path / "key"))  # fmt: skip
    assert (result.exit_code, "not a private key" in result.output) == (2, True)


def test_the_evaluation_set_lands_where_deploy_looks(fraudctl: Fraudctl, with_cloud: None, tmp_path: Path) -> None:
    (tmp_path / "rows.npz").write_bytes(b"rows")
    result = fraudctl("evaluation", str(tmp_path / "rows.npz"))
    assert result.exit_code == 0
    assert "evaluation/current.npz" in result.output
    assert json.loads((tmp_path / "outputs.json").read_text())["model_bucket"] in result.output
