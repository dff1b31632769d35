"""Bulk scoring as AWS would drive it: requests, the bucket's events, and the two queues."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3

from tests.functional.conftest import Stack

Event = Callable[..., dict[str, Any]]
Reply = tuple[int, dict[str, Any]]
BATCH_ID = "b-0123456789abcdef0123456789"


class Bulk:
    """Calls handlers and carries messages from their queues to them."""

    def __init__(self, stack: Stack, event: Event) -> None:
        self._stack, self._event, self._sqs = stack, event, boto3.client("sqs")
        self.parts_queue, self.steps_queue = stack.parts_queue, stack.steps_queue

    def begin(self, body: object) -> Reply:
        """POST /batches."""
        return self._http("batches_inline", body=json.dumps(body))

    def ask(self, name: str, batch_id: str) -> Reply:
        """One of the recorded requests, about this batch."""
        recorded = self._event(f"batches_{name}")
        return self._http(f"batches_{name}", path=recorded["path"].replace(BATCH_ID, batch_id))

    def put(self, name: str, data: bytes | str) -> str:
        """Put a file under incoming/; its address."""
        self._stack.s3.put_object(Bucket=self._stack.batch_bucket, Key=f"incoming/{name}", Body=data)
        return f"s3://{self._stack.batch_bucket}/incoming/{name}"

    def messages(self, url: str) -> list[str]:
        """Take every message of a queue."""
        taken = []
        while found := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for one in found:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
                taken.append(one["Body"])
        return taken

    def deliver(self, function: str, body: str) -> dict[str, Any]:
        """Hand a function one message."""
        event = self._event("split_step")
        queue = "steps" if function == "split" else "parts"
        arn = f"arn:aws:sqs:eu-west-1:000000000000:{queue}"
        told: dict[str, Any] = self._stack.call(
            function, {"Records": [{**event["Records"][0], "body": body, "eventSourceARN": arn}]}
        )
        return told

    def steps(self) -> None:
        """Let split do what is asked of it, until nothing is."""
        while waiting := self.messages(self.steps_queue):
            for one in waiting:
                self.deliver("split", one)

    def run(self) -> None:
        """Let everything happen once, in order."""
        self.steps()
        for one in self.messages(self.parts_queue):
            assert self.deliver("score", one) == {"batchItemFailures": []}
        self.steps()

    def results(self, batch_id: str, kind: str) -> Iterator[dict[str, Any]]:
        """The lines of every result file of a kind (`part`, `errors`), in order."""
        for key in self.keys(f"results/{batch_id}/{kind}-"):
            yield from map(json.loads, self.read(key).splitlines())

    def manifest(self, batch_id: str) -> dict[str, Any]:
        """What was written last."""
        found: dict[str, Any] = json.loads(self.read(f"results/{batch_id}/manifest.json"))
        return found

    def keys(self, prefix: str) -> list[str]:
        """What lies under a prefix."""
        listed = self._stack.s3.list_objects_v2(Bucket=self._stack.batch_bucket, Prefix=prefix)
        return [one["Key"] for one in listed.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """An object's bytes."""
        body: bytes = self._stack.s3.get_object(Bucket=self._stack.batch_bucket, Key=key)["Body"].read()
        return body

    def _http(self, name: str, **changes: Any) -> Reply:
        response = self._stack.call("batches", self._event(name, **changes))
        text = response.get("body")
        return response["statusCode"], json.loads(text) if text else response.get("multiValueHeaders")
