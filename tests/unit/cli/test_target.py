"""Finding the system."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from cli.errors import CliError, RefusedError, UnreachableError
from cli.target import Source, Target, from_outputs, from_stack

OUTPUTS = {
    "api_url": "http://127.0.0.1:4566/v1",
    "api_key": "k",
    "admin_api_key": "a",
    "model_bucket": "m",
    "batch_bucket": "b",
    "registry_table": "r",
}


def test_an_outputs_file_leads_to_the_laptop_cloud(tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps({**OUTPUTS, "region": "eu-west-1", "endpoint_url": "http://127.0.0.1:4566"}))

    target = Source(path, None, None).target()

    assert target == Target("http://127.0.0.1:4566/v1", "k", "a", "m", "b", "r", "eu-west-1", "http://127.0.0.1:4566")
    assert (target.scoring.key, target.control.key) == ("k", "a")


def test_a_missing_outputs_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="make up"):
        from_outputs(tmp_path / "absent.json")


@pytest.mark.parametrize("text", ["{", "[]", "{}", json.dumps({"api_url": "x"})])
def test_an_outputs_file_that_does_not_say_enough_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(text)

    with pytest.raises(UnreachableError, match="does not say where"):
        from_outputs(path)


def test_a_system_on_aws_uses_the_operators_own_cloud() -> None:
    s3 = Target("https://x/v1", "k", "a", "m", "b", "r", "eu-west-1").s3()

    assert s3.meta.endpoint_url == "https://s3.eu-west-1.amazonaws.com"


@pytest.fixture
def aws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield


def create_stack(name: str, outputs: dict[str, str]) -> None:
    """A stack with one bucket and these outputs (moto's stacks cannot hold API keys)."""
    template = {
        "Resources": {"ModelBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "fraud-models"}}},
        "Outputs": {
            "ModelBucket": {"Value": {"Ref": "ModelBucket"}},
            **{name: {"Value": value} for name, value in outputs.items()},
        },
    }
    boto3.client("cloudformation", "eu-west-1").create_stack(StackName=name, TemplateBody=json.dumps(template))


@pytest.mark.usefixtures("aws")
def test_a_stack_leads_to_its_api_with_the_keys_looked_up(tmp_path: Path) -> None:
    # GIVEN two API keys and a stack that outputs their ids
    gateway = boto3.client("apigateway", "eu-west-1")
    ids = {
        "ClientKeyId": gateway.create_api_key(name="client", value="c" * 32)["id"],
        "AdminKeyId": gateway.create_api_key(name="admin", value="d" * 32)["id"],
    }
    api_url = "https://abc.execute-api.eu-west-1.amazonaws.com/v1"
    create_stack("fraud", {"ApiUrl": api_url, "BatchBucket": "fraud-batches", "RegistryTable": "fraud-registry", **ids})

    # WHEN the operator names the stack
    target = Source(tmp_path / "absent.json", "fraud", "eu-west-1").target()

    # THEN the system is found with the values of the keys
    assert target == Target(
        api_url="https://abc.execute-api.eu-west-1.amazonaws.com/v1",
        api_key="c" * 32,
        admin_api_key="d" * 32,
        model_bucket="fraud-models",
        batch_bucket="fraud-batches",
        registry_table="fraud-registry",
        region="eu-west-1",
    )


@pytest.mark.usefixtures("aws")
def test_a_stack_of_something_else_names_the_output_it_lacks() -> None:
    create_stack("other", {})

    with pytest.raises(UnreachableError, match="no output 'ApiUrl'"):
        from_stack("other", "eu-west-1")


@pytest.mark.usefixtures("aws")
def test_an_unknown_stack_is_refused_in_the_words_of_aws() -> None:
    with pytest.raises(RefusedError, match="ValidationError: Stack with id nowhere does not exist"):
        from_stack("nowhere", "eu-west-1")


def test_no_region_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    with pytest.raises(CliError, match="region"):
        from_stack("fraud", None)
