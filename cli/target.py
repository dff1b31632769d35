"""Where the system is: the laptop's outputs file, or the outputs of a CloudFormation stack."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from cli.api import Api
from cli.errors import RefusedError, UnreachableError
from fraud.access.client import digest
from fraud.access.webhook import derived_secret

if TYPE_CHECKING:
    import boto3
    from botocore.exceptions import ClientError
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

DEFAULT_OUTPUTS = Path(".local/outputs.json")


@dataclass(frozen=True)
class Target:
    """One deployed system and the keys to it; `endpoint_url` is set for the laptop cloud alone."""

    api_url: str
    api_key: str
    admin_api_key: str
    model_bucket: str
    batch_bucket: str
    registry_table: str
    region: str | None = None
    endpoint_url: str | None = None
    usage_plan_id: str = ""
    signing_secret_arn: str = ""
    requests_table: str = ""
    log_bucket: str = ""
    token_secret_arn: str = ""
    watch_table: str = ""

    sign: bool = False

    @property
    def scoring(self) -> Api:
        """The API with the key of a caller who scores."""
        return self._api(self.api_key)

    @property
    def control(self) -> Api:
        """The API with the operator's key."""
        return self._api(self.admin_api_key)

    def _api(self, key: str) -> Api:
        """The API with a key and, when calls are to be signed, the secret of that key: `FRAUDCTL_SIGNING_SECRET`,
        else derived from the stack's master secret with the operator's AWS credentials."""
        key = os.environ.get("FRAUDCTL_API_KEY") or key
        if not self.sign:
            return Api(self.api_url, key)
        given = os.environ.get("FRAUDCTL_SIGNING_SECRET")
        return Api(self.api_url, key, given or derived_secret(self.signing_secret(), digest(key)))

    def s3(self) -> "S3Client":
        """S3 of the cloud the system runs in."""
        client: S3Client = self._client("s3")
        return client

    def dynamodb(self) -> "DynamoDBClient":
        """DynamoDB of the cloud the system runs in."""
        client: DynamoDBClient = self._client("dynamodb")
        return client

    def api_gateway(self) -> "APIGatewayClient":
        """API Gateway of the cloud the system runs in."""
        client: APIGatewayClient = self._client("apigateway")
        return client

    def signing_secret(self) -> str:
        """The master secret that every key's own signing secret is derived from."""
        return self._secret(self.signing_secret_arn)

    def token_secret(self) -> str:
        """The secret that tokens of personal data are made with."""
        return self._secret(self.token_secret_arn)

    def _secret(self, arn: str) -> str:
        with aws_errors():
            return str(self._client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])

    def _client(self, service: Literal["apigateway", "dynamodb", "s3", "secretsmanager"]) -> Any:
        """A client with the operator's own AWS credentials, or the laptop's."""
        from botocore.config import Config  # noqa: PLC0415 -- most commands never need the SDK

        if self.endpoint_url is None:
            return _session(self.region).client(service)
        return _session(self.region).client(
            service,
            endpoint_url=self.endpoint_url,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 -- the laptop cloud's
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )


@dataclass(frozen=True)
class Source:
    """What the operator said about where the system is."""

    outputs: Path
    stack: str | None
    region: str | None
    sign: bool = False

    def target(self) -> Target:
        """The system; raises UnreachableError or RefusedError when it cannot be found."""
        found = from_stack(self.stack, self.region) if self.stack else from_outputs(self.outputs)
        return replace(found, sign=self.sign)


def from_outputs(path: Path) -> Target:
    """The system described by an outputs file, as `make up` writes it; UnreachableError when it is not there."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Target)
    except OSError as exc:
        raise UnreachableError(f"{path} cannot be read; start the system with `make up`, or give --stack") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise UnreachableError(f"{path} does not say where the system is: {exc}") from exc


def from_stack(name: str, region: str | None) -> Target:
    """The system a CloudFormation stack outputs, its API keys looked up in API Gateway with the operator's own
    AWS credentials.

    Raises RefusedError for an unknown stack or denied access, UnreachableError without AWS.
    """
    with aws_errors():
        session = _session(region)
        [stack] = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        try:
            return Target(
                api_url=outputs["ApiUrl"],
                api_key=_key(session, outputs["ClientKeyId"]),
                admin_api_key=_key(session, outputs["AdminKeyId"]),
                model_bucket=outputs["ModelBucket"],
                batch_bucket=outputs["BatchBucket"],
                registry_table=outputs["RegistryTable"],
                region=session.region_name,
                usage_plan_id=outputs.get("UsagePlanId", ""),
                signing_secret_arn=outputs.get("SigningSecretArn", ""),
                requests_table=outputs.get("RequestsTable", ""),
                log_bucket=outputs.get("LogBucket", ""),
                token_secret_arn=outputs.get("TokenSecretArn", ""),
                watch_table=outputs.get("WatchTable", ""),
            )
        except KeyError as exc:
            raise UnreachableError(f"stack {name} has no output {exc}: is it this system's?") from exc


@contextmanager
def aws_errors() -> Iterator[None]:
    """What AWS refuses inside becomes RefusedError, no answer UnreachableError."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415 -- most commands never need the SDK
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as exc:
        raise aws_refusal(exc) from exc
    except (BotoCoreError, Boto3Error) as exc:
        raise UnreachableError(f"AWS: {exc}") from exc


def aws_refusal(error: "ClientError") -> RefusedError:
    """What AWS said, as every other refusal is told."""
    said = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return RefusedError(status, said.get("Code", "aws"), said.get("Message", ""))


def _session(region: str | None) -> "boto3.Session":
    import boto3  # noqa: PLC0415

    return boto3.Session(region_name=region)


def _key(session: "boto3.Session", key_id: str) -> str:
    return session.client("apigateway").get_api_key(apiKey=key_id, includeValue=True)["value"]
