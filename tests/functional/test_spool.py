"""With `LogFailurePolicy=serve_and_queue` an answer outlives an outage of its log, and says so."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from fraud.aws.lean.connections import Connections, Reply
from fraud.aws.lean.endpoints import Origin
from fraud.aws.lean.retry import TransientError
from fraud.aws.lean.sigv4 import Request
from tests.functional.conftest import Stack, go_cold
from tests.functional.models import data, forest, go_live, transaction
from tests.tables import table

Answer = dict[str, Any]
Event = Callable[..., dict[str, Any]]


class Outage:
    """A stack whose requests table can be taken away, and its spool."""

    def __init__(self, stack: Stack, event: Event) -> None:
        self.stack, self._event, self._sqs = stack, event, boto3.client("sqs")
        self.url: str = self._sqs.create_queue(QueueName="spool", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]

    def begin(self) -> None:
        """No requests table."""
        self.stack.dynamodb.delete_table(TableName="Requests")

    def end(self) -> None:
        """It is back, as empty as a new one."""
        self.stack.dynamodb.create_table(**table("Requests"))

    def predict(self, name: str) -> tuple[int, Answer]:
        """Score one transaction."""
        body = json.dumps(transaction(data()[0][0], name))
        reply = self.stack.call("predict", self._event("predict_transaction", body=body))
        return reply["statusCode"], json.loads(reply["body"])

    def waiting(self) -> list[str]:
        """What lies on the spool."""
        return [one["Body"] for one in self._sqs.receive_message(QueueUrl=self.url).get("Messages", [])]

    def replay(self, bodies: list[str]) -> list[str]:
        """Deliver messages as Lambda's poller would; those that were not taken."""
        [like] = self._event("spool_record")["Records"]
        records = [{**like, "messageId": str(number), "body": body} for number, body in enumerate(bodies)]
        report = self.stack.call("spool", {"Records": records})["batchItemFailures"]
        return [bodies[int(one["itemIdentifier"])] for one in report]

    def records(self, name: str) -> list[str]:
        """The sort keys of the records of a transaction."""
        return [one["sk"]["S"] for one in self.stack.items("Requests") if one["pk"]["S"] == f"TXN#{name}"]


@pytest.fixture
def outage(stack: Stack, event: Event, monkeypatch: pytest.MonkeyPatch) -> Outage:
    """A warm predict, told to go on without its log."""
    made = Outage(stack, event)
    monkeypatch.setenv("LOG_FAILURE_POLICY", "serve_and_queue")
    monkeypatch.setenv("SPOOL_QUEUE_URL", made.url)
    go_live("v1.0.0", forest(), stack.model_bucket)
    go_cold()
    return made


def test_an_answer_without_a_log_says_so_and_its_record_is_written_later(outage: Outage) -> None:
    outage.begin()

    status, answer = outage.predict("t-0")

    assert (status, answer["log"], answer["cache_hit"]) == (200, "queued", False)
    outage.end()
    [message] = outage.waiting()
    assert outage.replay([message, message]) == []
    assert len(outage.records("t-0")) == 1
    again = outage.predict("t-0")[1]
    del answer["log"]
    assert again == {**answer, "cache_hit": True}


def test_an_answer_with_a_log_says_nothing_of_it(outage: Outage) -> None:
    assert "log" not in outage.predict("t-0")[1]
    assert outage.waiting() == []


def test_a_record_stays_on_the_spool_until_it_can_be_written(outage: Outage) -> None:
    outage.begin()
    outage.predict("t-0")
    [message] = outage.waiting()

    assert outage.replay([message]) == [message]

    outage.end()
    assert outage.replay([message]) == []


def test_two_answers_that_were_both_given_are_both_on_record(outage: Outage) -> None:
    outage.begin()
    outage.predict("t-0")
    outage.end()
    outage.predict("t-0")
    [message] = outage.waiting()

    assert outage.replay([message]) == []
    assert outage.replay([message]) == []

    assert len(outage.records("t-0")) == 2


def test_a_record_that_was_written_though_nobody_heard_of_it_is_not_written_again(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a table that takes the record, and whose replies are all lost
    exchange = Connections.exchange

    def lossy(connections: Connections, origin: Origin, request: Request) -> Reply:
        reply = exchange(connections, origin, request)
        if request.headers.get("X-Amz-Target", "").endswith("PutItem"):
            raise TransientError("the reply is lost")
        return reply

    with monkeypatch.context() as patch:
        patch.setattr(Connections, "exchange", lossy)
        status, answer = outage.predict("t-0")
    assert (status, answer["log"]) == (200, "queued")

    # WHEN the spool is written
    [message] = outage.waiting()
    assert outage.replay([message]) == []

    # THEN the decision is on record once
    assert len(outage.records("t-0")) == 1


def test_without_log_and_spool_nothing_is_answered(outage: Outage) -> None:
    outage.begin()
    boto3.client("sqs").delete_queue(QueueUrl=outage.url)

    status, answer = outage.predict("t-0")

    assert (status, answer["error"]["code"]) == (503, "dependency_unavailable")
