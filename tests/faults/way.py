"""The one way to AWS in a history, for boto3 and for the lean client: no socket, and every fault in front of it."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from moto.backends import get_backend
from moto.core.botocore_stubber import MockRawResponse
from moto.core.request import normalize_request
from werkzeug.exceptions import HTTPException

from fraud.aws.lean.connections import Reply
from fraud.aws.lean.endpoints import Origin
from fraud.aws.lean.retry import TransientError
from fraud.aws.lean.sigv4 import Request
from tests.concurrency.faults import conflict
from tests.faults import weather
from tests.faults.clock import Clock
from tests.faults.dynamodb import Tables
from tests.faults.weather import Killed, Weather

Raw = tuple[int, dict[str, str], bytes]
Invoke = Callable[[str, dict[str, Any]], tuple[bytes, bool]]
ACCOUNT = "123456789012"  # moto's
JSON_ERRORS = {weather.THROTTLED: (400, "ThrottlingException"), weather.FAILED: (500, "InternalServerError")}
XML_ERRORS = {weather.THROTTLED: (503, "SlowDown"), weather.FAILED: (500, "InternalError")}


class CutError(Exception):
    """No whole answer came."""


class Way:
    """DynamoDB is `Tables`, Lambda runs our handlers, all else is moto's."""

    def __init__(self, tables: Tables, wind: Weather, clock: Clock, invoke: Invoke) -> None:
        self._tables, self._weather, self._clock, self._invoke = tables, wind, clock, invoke
        self.troubled: set[str] = set()  # services of which something went wrong, until somebody looks

    def boto(self, request: AWSPreparedRequest) -> AWSResponse:
        """What moto's hook answers botocore."""
        try:
            status, headers, body = self._passed(request)
        except CutError as cut:
            kind = ConnectionClosedError if cut.args[0] == weather.TRUNCATED else ReadTimeoutError
            raise kind(endpoint_url=request.url) from cut
        return AWSResponse(request.url, status, HeadersDict(headers), MockRawResponse(body))  # type: ignore[arg-type]

    def lean(self, origin: Origin, asked: Request) -> Reply:
        """What the lean client's connections answer it."""
        url = f"https://{origin.host}{asked.path}" + (f"?{asked.query}" if asked.query else "")
        headers: Any = HeadersDict({"Host": origin.host, **asked.headers})
        try:
            status, told, body = self._passed(AWSPreparedRequest(asked.method, url, headers, asked.body, False))
        except CutError as cut:
            raise TransientError(f"{origin.host} did not answer: {cut}") from cut
        if len(body) < int(told.get("content-length", len(body))):
            raise TransientError(f"{origin.host} did not answer: IncompleteRead")
        return Reply(status, body)

    def _passed(self, request: AWSPreparedRequest) -> Raw:
        service, operation = described(request)
        fate = self._weather.fate(service, operation)
        self.troubled |= {service} if fate else set()
        if fate == weather.KILLED_BEFORE:
            raise Killed
        if fate == weather.UNSENT:
            raise self._silence(fate)
        if fate in JSON_ERRORS:
            return _refused(service, fate)
        if fate == weather.CONFLICT:
            return 400, {}, conflict(len(json.loads(_bytes(request.body))["TransactItems"]))
        if fate == weather.SLOW:
            self._clock.sleep(weather.SLOW_SECONDS)
        return self._after(fate, request, self._answer(service, operation, request))

    def _after(self, fate: str, request: AWSPreparedRequest, answer: Raw) -> Raw:
        if fate == weather.KILLED_AFTER:
            raise Killed
        if fate == weather.LOST:
            raise self._silence(fate)
        if fate == weather.TRUNCATED:
            status, headers, body = answer
            if not request.stream_output:
                raise CutError(fate)
            return status, {**headers, "content-length": str(len(body))}, body[: len(body) // 2]
        return answer

    def _silence(self, fate: str) -> CutError:
        self._clock.sleep(2.0)
        return CutError(fate)

    def _answer(self, service: str, operation: str, request: AWSPreparedRequest) -> Raw:
        if service == "dynamodb":
            status, told = self._tables.answer(operation, _bytes(request.body))
            return status, {}, json.dumps(told).encode()
        if service == "lambda":
            body, failed = self._invoke(operation, json.loads(_bytes(request.body)))
            return 200, {"X-Amz-Function-Error": "Unhandled"} if failed else {}, body
        status, headers, body = _moto(service, request)
        return status, {name.lower(): value for name, value in headers.items()}, _bytes(body)


def _moto(service: str, request: AWSPreparedRequest) -> tuple[int, dict[str, str], Any]:
    """As moto's own stub does it, which however tries the patterns of all services on each call."""
    parts = urlsplit(request.url)
    address, asked = f"{parts.scheme}://{parts.netloc}{parts.path}", normalize_request(request)
    run = next(run for pattern, run in _routes(service) if pattern.match(address))
    try:
        answer: tuple[int, dict[str, str], Any] = run(asked, asked.raw_url, asked.headers)
    except HTTPException as refused:
        return refused.code or 500, dict(refused.get_headers()), refused.get_body()
    return answer


@cache
def _routes(service: str) -> list[tuple[re.Pattern[str], Callable[..., Any]]]:
    region, backends = "aws" if service == "s3" else "us-east-1", get_backend(service)  # type: ignore[call-overload]
    return [(re.compile(url), run) for url, run in backends[ACCOUNT][region].urls.items()]


def described(request: AWSPreparedRequest) -> tuple[str, str]:
    """Service and operation of a request; of Lambda the function it invokes."""
    parts = urlsplit(request.url)
    labels = (parts.hostname or "").split(".")
    service = next(one for one in labels if one in weather.SERVICES)
    target = request.headers.get("X-Amz-Target")
    if target:
        return service, (target.decode() if isinstance(target, bytes) else str(target)).rpartition(".")[2]
    if service == "lambda":
        return service, unquote(parts.path).split("/")[3]
    if service == "s3":
        return service, str(request.method)
    return service, parse_qs(_bytes(request.body).decode()).get("Action", [""])[0]


def _refused(service: str, fate: str) -> Raw:
    if service in ("s3", "sns"):
        status, code = XML_ERRORS[fate]
        error = f"<Error><Code>{code}</Code><Message>injected</Message></Error>"
        return status, {}, (error if service == "s3" else f"<ErrorResponse>{error}</ErrorResponse>").encode()
    status, code = JSON_ERRORS[fate]
    return status, {"x-amzn-errortype": code}, json.dumps({"__type": code, "message": "injected"}).encode()


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else bytes(body.read())
