"""batch and stream: messages in, one record a transaction; what cannot succeed is reported alone."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction
from tests.tables import TEMPLATE

Event = Callable[..., dict[str, Any]]
QUEUE = TEMPLATE["Resources"]["BatchQueue"]["Properties"]
POISON = "00000000-0000-4000-8000-000000000003"


class Queue:
    """The batch queue and its dead letters, and what Lambda's poller does with them."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self.sqs = stack, boto3.client("sqs")
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])["Attributes"]
        redrive = {**QUEUE["RedrivePolicy"], "deadLetterTargetArn": attributes["QueueArn"]}
        self.url = self.sqs.create_queue(
            QueueName="batch",
            Attributes={"VisibilityTimeout": str(QUEUE["VisibilityTimeout"]), "RedrivePolicy": json.dumps(redrive)},
        )["QueueUrl"]

    def send(self, *bodies: object) -> None:
        """Put messages on the queue."""
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.sqs.send_message(QueueUrl=self.url, MessageBody=text)

    def poll(self) -> int:
        """Deliver what is visible and delete what was not reported; how many messages that were."""
        got = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        if got:
            records = [
                {"messageId": one["MessageId"], "receiptHandle": one["ReceiptHandle"], "body": one["Body"]}
                for one in got
            ]
            report = self._stack.call("batch", {"Records": records})
            kept = {one["itemIdentifier"] for one in report["batchItemFailures"]}
            for one in got:
                if one["MessageId"] not in kept:
                    self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
        return len(got)

    def dead_letters(self) -> list[str]:
        """Bodies of the dead letters."""
        return [one["Body"] for one in self.sqs.receive_message(QueueUrl=self.dead).get("Messages", [])]


@pytest.fixture
def queue(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """An empty queue beside a live forest."""
    go_live("v1.0.0", forest(), stack.model_bucket)
    made = Queue(stack)
    monkeypatch.setenv("BATCH_QUEUE_URL", made.url)
    return made


def decided(stack: Stack) -> dict[str, str]:
    """Version by transaction of every decision on record."""
    return {item["pk"]["S"].removeprefix("TXN#"): item["v"]["S"] for item in stack.items("Requests") if "v" in item}


def test_messages_are_scored_together_and_recorded_once_however_often_they_come(
    stack: Stack, queue: Queue, event: Event, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN one transaction and a chunk of two
    delivered = event("batch_messages")

    # WHEN they are delivered twice, another version being active the second time
    reports = [stack.call("batch", delivered)]
    before = stack.items("Requests")
    go_live("v1.1.0", forest(seed=1), stack.model_bucket)
    reports.append(stack.call("batch", delivered))

    # THEN
    assert reports == [{"batchItemFailures": []}] * 2
    assert decided(stack) == dict.fromkeys(("tx-0001", "tx-0002", "tx-0003"), "v1.0.0")
    assert stack.items("Requests") == before
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "predicted_batch" in line]
    assert [(line["asked"], line["cached"]) for line in told] == [(3, 0), (3, 3)]


def test_a_poison_message_is_reported_alone_and_its_failure_recorded_once(
    stack: Stack, queue: Queue, event: Event
) -> None:
    reports = [stack.call("batch", event("batch_poison")) for _ in range(3)]
    assert reports == [{"batchItemFailures": [{"itemIdentifier": POISON}]}] * 3
    stored = sorted((item["s"]["N"], item["ep"]["S"]) for item in stack.items("Requests"))
    assert stored == [("200", "queue")] * 3 + [("400", "queue")]


def test_poison_reaches_the_dead_letters_without_waiting_and_alone(stack: Stack, queue: Queue) -> None:
    # GIVEN good messages and three that can never succeed; a chunk with one bad row is one of them
    X, _ = data()
    good = [transaction(X[number], f"t-{number}") for number in range(4)]
    half_bad = {"transactions": [good[2], {**good[3], "amount": -1}]}
    queue.send(good[0], "no JSON", [good[1]], half_bad, {"transactions": []})

    # WHEN Lambda polls until nothing is visible
    polls = 0
    while queue.poll():
        polls += 1

    # THEN the queue is empty, the dead letters are the three, and every good row has its answer
    assert polls == QUEUE["RedrivePolicy"]["maxReceiveCount"]
    dead = [*queue.dead_letters(), *queue.dead_letters(), *queue.dead_letters()]
    assert sorted(dead) == sorted(["no JSON", json.dumps(half_bad), json.dumps({"transactions": []})])
    assert set(decided(stack)) == {"t-0", "t-1", "t-2"}
    assert len(stack.items("Requests")) == 3 + 3


def test_with_nothing_active_messages_wait(stack: Stack, event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(stack)
    monkeypatch.setenv("BATCH_QUEUE_URL", queue.url)
    delivered = event("batch_messages")
    report = stack.call("batch", delivered)
    waiting = [one["itemIdentifier"] for one in report["batchItemFailures"]]
    assert waiting == [one["messageId"] for one in delivered["Records"]]
    assert stack.items("Requests") == []


def test_what_the_log_cannot_take_waits_for_another_delivery(stack: Stack, queue: Queue) -> None:
    X, _ = data()
    queue.send(transaction(X[0], "t-0"))
    stack.dynamodb.delete_table(TableName="Requests")
    assert queue.poll() == 1
    assert queue.poll() == 0  # not before the visibility timeout
    assert queue.dead_letters() == []


def test_stream_records_are_scored_and_a_bad_one_reported_by_its_position(stack: Stack, event: Event) -> None:
    go_live("v1.0.0", forest(), stack.model_bucket)
    delivered = event("stream_records")
    for _ in range(2):
        report = stack.call("stream", delivered)
        assert report == {
            "batchItemFailures": [{"itemIdentifier": delivered["Records"][1]["kinesis"]["sequenceNumber"]}]
        }
    stored = sorted((item["s"]["N"], item["ep"]["S"]) for item in stack.items("Requests"))
    assert stored == [("200", "stream")] * 3 + [("400", "stream")]
