"""What AWS says when it does not do what was asked.

Exception
└── LeanError                    the service refused the call
    └── ConditionFailedError     a condition of a write did not hold
fraud.errors.NotFoundError       no such object or secret
fraud.errors.UnavailableError    no answer, throttled, or the service's own error, after the last retry
"""

import re
from typing import Any

import msgspec

from fraud.aws.lean.connections import Reply
from fraud.aws.lean.retry import TransientError
from fraud.errors import NotFoundError

THROTTLES = frozenset(
    [
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    ]
)


class LeanError(Exception):
    """The service refused the call: AWS's own `code`, `message`, HTTP `status` and the decoded `body`.

    A cancelled transaction has its `CancellationReasons` in `body`.
    """

    def __init__(self, code: str, message: str, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.body = body


class ConditionFailedError(LeanError):
    """A conditional write found another state than it asked for.

    `item` is what is stored (as attributes, see `from_attributes`) when the call asked with
    `ReturnValuesOnConditionCheckFailure: ALL_OLD` and something is; else None.
    """

    @property
    def item(self) -> dict[str, dict[str, Any]] | None:
        """The stored item, or None."""
        return self.body.get("Item")


def require_final(reply: Reply, what: str) -> Reply:
    """The answer, or TransientError, naming the call `what`, when trying again may help (5xx, throttled)."""
    if reply.status < 400:
        return reply
    error = _error(reply)
    if reply.status >= 500 or reply.status == 429 or error.code in THROTTLES:
        raise TransientError(f"{what} answers {reply.status} {error.code}") from error
    return reply


def require_success(reply: Reply, what: str) -> bytes:
    """The body of a successful answer.

    Raises NotFoundError for a 404, ConditionFailedError and, for any other refusal, LeanError.
    """
    if 200 <= reply.status < 300:
        return reply.body
    error = _error(reply)
    if reply.status == 404:
        raise NotFoundError(f"{what}: {error}") from error
    raise error


def _error(reply: Reply) -> LeanError:
    if reply.body.lstrip()[:1] == b"{":
        return _json_error(reply)
    code, message = _xml(reply.body, b"Code"), _xml(reply.body, b"Message")
    return LeanError(code or f"HTTP{reply.status}", message, reply.status, {"Code": code, "Message": message})


def _json_error(reply: Reply) -> LeanError:
    try:
        body: dict[str, Any] = msgspec.json.decode(reply.body, type=dict)
    except msgspec.DecodeError:
        body = {}
    # "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    code = str(body.get("__type", f"HTTP{reply.status}")).rpartition("#")[2]
    message = str(body.get("message") or body.get("Message") or "")
    kind = ConditionFailedError if code == "ConditionalCheckFailedException" else LeanError
    return kind(code, message, reply.status, body)


def _xml(body: bytes, tag: bytes) -> str:
    found = re.search(b"<%b>([^<]*)</%b>" % (tag, tag), body)
    return found[1].decode("utf-8", "replace") if found else ""
