"""Blue-green: a serving function loads, checks and smoke-scores a version before the pointer moves to it."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraud.errors import ConflictError, UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class WarmUp:
    """Asks the function that serves."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client, self._function = client, function

    def require(self, version: str) -> None:
        """Raise ConflictError when the version cannot serve, UnavailableError when that could not be found out."""
        payload = json.dumps({"warm_up": version}).encode()
        try:
            answer = self._client.invoke(FunctionName=self._function, Payload=payload)
        except ClientError as exc:
            code = exc.response["Error"]["Code"]
            raise UnavailableError(f"{version} could not be warmed up: {code}") from exc
        if "FunctionError" in answer:
            raise UnavailableError(f"{version} could not be warmed up: the serving function failed")
        found = json.loads(answer["Payload"].read())
        if "problem" in found:
            raise ConflictError(f"{version} cannot serve: {found['problem']}", code="warm_up_failed")
