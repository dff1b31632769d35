"""drop, deployment, deployments: from a file to a verdict."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import msgspec
import pytest
from typer.testing import Result

from fraud.versions.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
DATA = b"a fitted model"
DIGEST = hashlib.sha256(DATA).hexdigest()
AT = "2026-01-02T03:04:05Z"
KEY = "drops/v1.1.0/model.joblib"


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "forest.joblib"
    path.write_bytes(DATA)
    return str(path)


@pytest.fixture
def s3(cloud: str) -> Iterator["S3Client"]:
    client = boto3.client("s3", "us-east-1", endpoint_url=cloud, aws_access_key_id="test", aws_secret_access_key="test")
    yield client
    for found in client.list_objects_v2(Bucket="models").get("Contents", []):
        client.delete_object(Bucket="models", Key=found["Key"])
    client.close()


RECEIVED = Deployment(
    deployment_id="dep-1", version="v1.1.0", state="received", created_at=AT, drop_key=KEY, drop_sha256=DIGEST
)
PACKED = RECEIVED.reached("packed", AT, "forest of 100 trees")


def listed(*found: Deployment) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(msgspec.json.encode({"deployments": found}))
    return body


@pytest.mark.usefixtures("with_cloud")
def test_a_drop_is_followed_until_it_is_live(api: "ApiServer", fraudctl: Fraudctl, model: str, s3: "S3Client") -> None:
    # GIVEN a system that packs and then activates it
    live = PACKED.ended("activated", AT, "F1 is above the gate")
    api.answers("GET", "/deployments", listed(RECEIVED), listed(PACKED), listed(live))

    # WHEN the model is dropped
    ran = fraudctl("drop", model, "--version", "v1.1.0", "--description", "deeper trees")

    # THEN each step is told once, and the bucket holds the model and its manifest
    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [
        f"dropped s3://models/{KEY}, sha256 {DIGEST}",
        "✓ packed     forest of 100 trees",
        "✓ activated  F1 is above the gate",
        "v1.1.0 activated",
    ]
    manifest = s3.get_object(Bucket="models", Key="drops/v1.1.0/manifest.json")["Body"].read()
    assert json.loads(manifest) == {"description": "deeper trees", "sha256": DIGEST}
    assert s3.get_object(Bucket="models", Key=KEY)["Body"].read() == DATA
    assert {asked.key for asked in api.asked} == {"admin-key"}


@pytest.mark.usefixtures("with_cloud", "s3")
def test_a_rejected_drop_exits_1_with_the_reason(api: "ApiServer", fraudctl: Fraudctl, model: str) -> None:
    api.answers("GET", "/deployments", listed(RECEIVED.ended("rejected", AT, "KNeighborsClassifier is not supported")))

    ran = fraudctl("drop", model, "--version", "v1.1.0")

    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[1:] == ["✗ rejected   KNeighborsClassifier is not supported", "v1.1.0 rejected"]


@pytest.mark.usefixtures("with_cloud", "s3")
def test_a_held_drop_says_how_it_goes_live(api: "ApiServer", fraudctl: Fraudctl, model: str) -> None:
    api.answers("GET", "/deployments", listed(RECEIVED.ended("held", AT, "no evaluation set")))

    ran = fraudctl("drop", model, "--version", "v1.1.0")

    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-1] == "v1.1.0 held; `fraudctl activate v1.1.0` makes it live"


@pytest.mark.usefixtures("with_cloud", "s3")
def test_json_prints_the_deployment_alone(api: "ApiServer", fraudctl: Fraudctl, model: str) -> None:
    rejected = RECEIVED.ended("rejected", AT, "no")
    api.answers("GET", "/deployments", listed(rejected))

    ran = fraudctl("drop", model, "--version", "v1.1.0", "--json")

    assert ran.exit_code == 1
    assert json.loads(ran.stdout) == listed(rejected)["deployments"][0]


@pytest.mark.usefixtures("with_cloud", "s3")
def test_without_waiting_nothing_is_asked(api: "ApiServer", fraudctl: Fraudctl, model: str) -> None:
    ran = fraudctl("drop", model, "--version", "v1.1.0", "--no-wait", "--json")

    assert (ran.exit_code, api.asked) == (0, [])
    assert json.loads(ran.stdout) == {"version": "v1.1.0", "bucket": "models", "key": KEY, "sha256": DIGEST}


@pytest.mark.usefixtures("with_cloud", "s3")
def test_no_verdict_in_time_exits_1(api: "ApiServer", fraudctl: Fraudctl, model: str) -> None:
    api.answers("GET", "/deployments", listed(PACKED))

    ran = fraudctl("drop", model, "--version", "v1.1.0", "--timeout", "0")

    assert ran.exit_code == 1
    assert "no verdict on v1.1.0 within 0 s" in ran.stderr


@pytest.mark.parametrize("version", ["1.0.0", "v1.0", "v01.0.0", "v1.0.0-", "v1.0.0/../x", "latest"])
@pytest.mark.usefixtures("with_cloud")
def test_a_version_outside_the_grammar_exits_2_and_nothing_is_uploaded(
    fraudctl: Fraudctl, model: str, s3: "S3Client", version: str
) -> None:
    ran = fraudctl("drop", model, "--version", version)

    assert ran.exit_code == 2
    assert "v<major>.<minor>.<patch>" in ran.stderr
    assert "Contents" not in s3.list_objects_v2(Bucket="models")


@pytest.mark.usefixtures("with_cloud")
def test_a_manifest_of_other_bytes_exits_2_and_nothing_is_uploaded(
    fraudctl: Fraudctl, model: str, s3: "S3Client", tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": "0" * 64}))

    ran = fraudctl("drop", model, "--version", "v1.1.0")

    assert ran.exit_code == 2
    assert "other bytes" in ran.stderr
    assert "Contents" not in s3.list_objects_v2(Bucket="models")


@pytest.mark.usefixtures("with_cloud")
def test_a_bucket_that_is_not_there_exits_4(fraudctl: Fraudctl, model: str, outputs: Path) -> None:
    outputs.write_text(outputs.read_text().replace('"models"', '"no-such-bucket"'))

    ran = fraudctl("drop", model, "--version", "v1.1.0")

    assert ran.exit_code == 4
    assert "404 NoSuchBucket" in ran.stderr


def test_a_cloud_nobody_serves_exits_3(fraudctl: Fraudctl, model: str) -> None:
    ran = fraudctl("drop", model, "--version", "v1.1.0")

    assert ran.exit_code == 3
    assert "S3: Could not connect to the endpoint" in ran.stderr


def test_a_deployment_is_shown_step_by_step(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/deployments/dep-1", msgspec.to_builtins(PACKED.ended("rejected", AT, "wrong parity")))

    ran = fraudctl("deployment", "dep-1")

    assert ran.stdout.splitlines() == [
        "dep-1  v1.1.0  rejected",
        "✓ packed     forest of 100 trees",
        "✗ rejected   wrong parity",
    ]


def test_deployments_are_listed_for_a_version(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/deployments", listed(PACKED.ended("held", AT, "no evaluation set")))

    ran = fraudctl("deployments", "--version", "v1.1.0")

    assert ran.stdout.splitlines()[1].split() == ["dep-1", "v1.1.0", "held", AT, "no", "evaluation", "set"]
    assert api.asked[0].query == {"version": "v1.1.0"}


def test_no_deployments_are_said(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/deployments", {"deployments": []})

    assert fraudctl("deployments").stdout == "no deployments\n"
