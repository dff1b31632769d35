"""What each refusal becomes."""

import json

import pytest

from fraud.aws.lean.connections import Reply
from fraud.aws.lean.errors import ConditionFailedError, LeanError, require_final, require_success
from fraud.aws.lean.retry import TransientError
from fraud.errors import NotFoundError

PREFIX = "com.amazonaws.dynamodb.v20120810#"


def refusal(code: str, status: int = 400, **more: object) -> Reply:
    return Reply(status, json.dumps({"__type": PREFIX + code, "message": "words", **more}).encode())


def test_a_refusal_carries_what_aws_said() -> None:
    with pytest.raises(LeanError) as caught:
        require_success(refusal("ValidationException"), "PutItem")

    error = caught.value
    assert (error.code, error.message, error.status) == ("ValidationException", "words", 400)
    assert str(error) == "ValidationException: words"


def test_a_cancelled_transaction_keeps_its_reasons() -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}]

    with pytest.raises(LeanError) as caught:
        require_success(refusal("TransactionCanceledException", CancellationReasons=reasons), "TransactWriteItems")

    assert caught.value.body["CancellationReasons"] == reasons


def test_a_failed_condition_carries_the_stored_item() -> None:
    with pytest.raises(ConditionFailedError) as caught:
        require_success(refusal("ConditionalCheckFailedException", Item={"pk": {"S": "a"}}), "PutItem")

    assert caught.value.item == {"pk": {"S": "a"}}


def test_a_failed_condition_without_an_item_says_so() -> None:
    with pytest.raises(ConditionFailedError) as caught:
        require_success(refusal("ConditionalCheckFailedException"), "PutItem")

    assert caught.value.item is None


@pytest.mark.parametrize(
    "reply",
    [
        refusal("ProvisionedThroughputExceededException"),
        refusal("ThrottlingException"),
        refusal("InternalServerError", 500),
        Reply(503, b"<Error><Code>SlowDown</Code></Error>"),
        Reply(502, b"<html>Bad gateway</html>"),
        Reply(429, b""),
        Reply(500, b"{not json"),
    ],
)
def test_throttling_and_the_services_own_errors_may_pass(reply: Reply) -> None:
    with pytest.raises(TransientError):
        require_final(reply, "PutItem")


@pytest.mark.parametrize("reply", [Reply(200, b"{}"), refusal("ValidationException"), Reply(404, b"")])
def test_anything_else_is_final(reply: Reply) -> None:
    assert require_final(reply, "PutItem") is reply


def test_a_missing_object_is_not_found() -> None:
    reply = Reply(404, b"<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>")

    with pytest.raises(NotFoundError, match="s3://b/k: NoSuchKey: gone"):
        require_success(reply, "s3://b/k")


def test_a_redirect_is_a_refusal_not_a_body() -> None:
    with pytest.raises(LeanError, match="PermanentRedirect"):
        require_success(Reply(301, b"<Error><Code>PermanentRedirect</Code></Error>"), "s3://b/k")
