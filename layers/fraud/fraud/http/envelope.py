"""Requests and responses of API Gateway's Lambda proxy, and the one error envelope.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fraud.errors import FraudError, InvalidRequestError, MalformedJsonError, Problem, TooLargeError
from fraud.observability import log
from fraud.settings import allowed_origins

API_PREFIX = "/api/v1"
MAX_BODY_BYTES = 1 << 20
MAX_DETAILS = 100
Event = Mapping[str, Any]
Response = dict[str, Any]
_encoder = msgspec.json.Encoder()


def header(event: Event, name: str) -> str | None:
    """A request header's value whatever its case, or None."""
    for key, value in (event.get("headers") or {}).items():
        if key.lower() == name:
            return str(value)
    return None


def request_id(event: Event) -> str:
    """The caller's own `X-Request-Id` when it is 1-128 printable ASCII characters, else API Gateway's."""
    own = header(event, "x-request-id")
    if own and len(own) <= 128 and own.isascii() and own.isprintable():
        return own
    return str(event["requestContext"]["requestId"])


def body(event: Event, longest: int = MAX_BODY_BYTES) -> bytes:
    """The raw request body; raises MalformedJsonError when its base64 is broken, TooLargeError above `longest`."""
    raw = event.get("body") or ""
    if len(raw) > longest:
        raise TooLargeError(f"the body exceeds {longest} bytes")
    if not event.get("isBase64Encoded"):
        return str(raw).encode()
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error as exc:
        raise MalformedJsonError("the body is not valid base64") from exc


def explain_wanted(event: Event) -> bool:
    """Whether `?explain=` asks for reasons (the default); raises InvalidRequestError unless it is true or false."""
    told = (event.get("queryStringParameters") or {}).get("explain", "true")
    if told not in ("true", "false"):
        raise InvalidRequestError(
            "explain must be true or false", details=[Problem("explain", "must be true or false")]
        )
    return bool(told == "true")


def standard_headers(request: str) -> dict[str, str]:
    """What every response carries."""
    return {"X-Request-Id": request, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def cors_headers(event: Event) -> dict[str, str]:
    """What lets a page of a listed origin read the answer; a caller from elsewhere learns nothing of the list.

    Keys travel in a header and never in a cookie, so no answer allows credentials
    (https://fetch.spec.whatwg.org/#http-cors-protocol).
    """
    listed, sent = allowed_origins(), header(event, "origin")
    if not listed:
        return {}
    if sent not in listed:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": sent,
        "Access-Control-Expose-Headers": "X-Request-Id,Retry-After",
    }


def respond(status: int, payload: object, request: str, **headers: str) -> Response:
    """A JSON response; `payload` is anything msgspec can encode."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **standard_headers(request), **headers},
        "body": _encoder.encode(payload).decode(),
    }


def error_body(error: FraudError, request: str) -> dict[str, Any]:
    """`{"error": {"code", "message", "details", "request_id"}}`."""
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "details": error.details[:MAX_DETAILS],
            "request_id": request,
        }
    }


def error_response(error: FraudError, request: str) -> Response:
    """The response an error becomes; a 503 says when to try again."""
    log(
        "request_refused",
        level="INFO" if error.status < 500 else "ERROR",
        code=error.code,
        request_id=request,
    )
    headers = {"Retry-After": "1"} if error.status == 503 else {}
    return respond(error.status, error_body(error, request), request, **headers)


def guarded(event: Event, answer: Callable[[str], Response]) -> Response:
    """Run `answer(request_id)`; every error leaves as an envelope, an unforeseen one as a neutral 500."""
    response = _answered(event, answer)
    many = response.get("multiValueHeaders")  # Powertools' way
    for name, value in cors_headers(event).items():
        if many is None:
            response["headers"][name] = value
        else:
            many[name] = [value]
    return response


def _answered(event: Event, answer: Callable[[str], Response]) -> Response:
    request = request_id(event)
    try:
        return answer(request)
    except FraudError as error:
        return error_response(error, request)
    except Exception as exc:  # the border of the function: the stack goes to the log, never to the caller
        log("unforeseen_error", level="ERROR", request_id=request, error=type(exc).__name__, stack=_stack(exc))
        return error_response(FraudError("something went wrong on our side"), request)


def _stack(exc: Exception) -> list[str]:
    """File, line and function of each frame: no values, which could be personal data."""
    frames, step = [], exc.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        frames.append(f"{code.co_filename}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return frames
