"""The AWS calls of the hot path: DynamoDB, one secret, one object, the queue."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from fraud.aws.lean.connections import Connections, Reply
from fraud.aws.lean.endpoints import Origin, object_address, service_origin
from fraud.aws.lean.errors import LeanError, require_final, require_success
from fraud.aws.lean.retry import Patience, RetryBudget, persist
from fraud.aws.lean.sigv4 import Credentials, Request, environment_credentials, sign
from fraud.errors import NotFoundError

CONTENT_TYPES = {
    "dynamodb": "application/x-amz-json-1.0",
    "secretsmanager": "application/x-amz-json-1.1",
    "sqs": "application/x-amz-json-1.0",
}


class LeanClient:
    """Signed calls over kept-alive connections; one for a process, safe to share between its threads.

    Every method raises UnavailableError when the service does not answer within `patience`, NotFoundError for
    what is not there and LeanError for any other refusal. A call whose answer was lost is sent again, so a
    write must be safe to repeat: conditional, and the stored item compared when the condition fails.
    """

    def __init__(
        self,
        region: str,
        *,
        endpoint_url: str | None = None,
        credentials: Callable[[], Credentials] = environment_credentials,
        patience: Patience = Patience(),  # noqa: B008 -- frozen
    ) -> None:
        self._region = region
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._patience = patience
        self._connections = Connections(patience)
        self._budget = RetryBudget()

    def dynamodb(self, operation: str, payload: Mapping[str, object]) -> dict[str, Any]:
        """Call a DynamoDB operation (`PutItem`, `Query` …) with its JSON payload; returns its JSON answer.

        Raises ConditionFailedError, which carries the stored item, when a condition did not hold.
        """
        return self._json("dynamodb", f"DynamoDB_20120810.{operation}", payload, f"dynamodb {operation}")

    def sqs(self, operation: str, payload: Mapping[str, object]) -> dict[str, Any]:
        """Call an SQS operation (`ChangeMessageVisibility` …) with its JSON payload; returns its JSON answer."""
        return self._json("sqs", f"AmazonSQS.{operation}", payload, f"sqs {operation}")

    def secret_value(self, arn: str) -> str:
        """The text of a secret in Secrets Manager."""
        what = f"secret {arn}"
        try:
            answer = self._json("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": arn}, what)
        except LeanError as exc:
            if exc.code == "ResourceNotFoundException":
                raise NotFoundError(f"{what}: {exc}") from exc
            raise
        return str(answer["SecretString"])

    def get_object(self, bucket: str, key: str) -> bytes:
        """The whole content of an S3 object; a body shorter than announced is never returned."""
        origin, path = object_address(bucket, key, self._region, self._endpoint_url)
        request = Request("GET", origin.authority, path, "", {}, b"")
        return self._call("s3", origin, request, f"s3://{bucket}/{key}")

    def close(self) -> None:
        """Close the idle connections; the next call opens new ones."""
        self._connections.close()

    def _json(self, service: str, target: str, payload: Mapping[str, object], what: str) -> dict[str, Any]:
        origin = service_origin(service, self._region, self._endpoint_url)
        headers = {"Content-Type": CONTENT_TYPES[service], "X-Amz-Target": target}
        request = Request("POST", origin.authority, "/", "", headers, msgspec.json.encode(payload))
        body = self._call(service, origin, request, what) or b"{}"  # SQS says nothing where it has nothing to say
        answer: dict[str, Any] = msgspec.json.decode(body, type=dict)
        return answer

    def _call(self, service: str, origin: Origin, request: Request, what: str) -> bytes:
        def attempt() -> Reply:
            signed = sign(
                request,
                service=service,
                region=self._region,
                credentials=self._credentials(),
                now=datetime.now(UTC),
            )
            reply = self._connections.exchange(origin, msgspec.structs.replace(request, headers=signed))
            return require_final(reply, what)

        return require_success(persist(attempt, self._patience, self._budget), what)


@cache
def lean_client(region: str, endpoint_url: str | None) -> LeanClient:
    """The process's client: its connections are kept and shared."""
    return LeanClient(region, endpoint_url=endpoint_url)
