"""The whole stack in one process: its handlers, its tables, time, the weather, and instances that die and are born."""

import gzip
import importlib
import io
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend

from fraud.access.client import SCORING_SCOPES
from fraud.audit.archive import CheckpointArchive
from fraud.aws.lean.attributes import from_attributes
from fraud.aws.lean.client import lean_client
from fraud.http import access
from tests.faults.clock import Clock
from tests.faults.dynamodb import Tables
from tests.faults.supply import Dropped, drop_all
from tests.faults.takeover import quicken, take_over
from tests.faults.way import ACCOUNT, Way
from tests.faults.weather import Killed, Weather
from tests.functional.conftest import ADMIN_KEY, CLIENT_KEY, Stack, environment, go_cold, grant

SKEW_SECONDS = 600.0
BEFORE = 3  # drops that were deployed before most histories begin
BARE = 0.15
ROUTING_SECONDS = 5
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "LOG_FAILURE_POLICY": "fail_closed",
    "ROUTING_CACHE_SECONDS": str(ROUTING_SECONDS),
}


class World:
    """One stack, made once; `begin` empties it for the next history."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self._renew(random.Random(0), Tables())
        self._quotas = take_over(patch, self.clock, lambda: self.way, self._drawn)
        self.weather.clear()
        self.stack = Stack()
        sqs = boto3.client("sqs")
        self.spool_url, self.batch_url = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("spool", "batch"))
        queues = {"SPOOL_QUEUE_URL": self.spool_url, "BATCH_QUEUE_URL": self.batch_url}
        for name, value in {**environment(self.stack, ""), **queues, **ENVIRONMENT}.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL_LAMBDA")
        self.drops: list[Dropped] = drop_all(self.stack)
        grant(self.stack, ADMIN_KEY, "admin", ["*"])
        grant(self.stack, CLIENT_KEY, "scoring", list(SCORING_SCOPES))
        self._bare = self.tables.copy()
        for drop in self.drops[:BEFORE]:
            self.call("deploy", drop.event)
        self._served = self.tables.copy()
        self._served.streams.clear()  # what was deployed before has been announced before
        self._packed = set(self._objects(self.stack.model_bucket))

    def begin(self, seed: int, *, bare: bool = False) -> random.Random:
        """A stack with some versions, now and then or when told so without, all instances cold; and the dice of it."""
        dice = random.Random(seed)
        random.seed(seed)
        self._renew(dice, (self._bare if dice.random() < BARE or bare else self._served).copy())
        self._empty()
        for quota in self._quotas:
            quota.__init__()  # type: ignore[misc]
        self.spools = dice.random() < 0.5
        os.environ["LOG_FAILURE_POLICY"] = "serve_and_queue" if self.spools else "fail_closed"
        go_cold()
        return dice

    def call(self, function: str, event: dict[str, Any]) -> Any:
        """Run a handler as its present instance does; Killed when it died, and the next instance is a cold one."""
        outer, self.clock.skew = self.clock.skew, self._skew_of(function)
        try:
            with redirect_stdout(self.logs):
                return importlib.import_module(f"functions.{function}.app").handler(event, None)
        except Killed:
            self.retire(function)
            raise
        finally:
            self.clock.skew = outer

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What AWS does itself meets no faults."""
        calm, self.weather.calm = self.weather.calm, True
        yield
        self.weather.calm = calm

    def spooled(self) -> list[tuple[str, str]]:
        """Some of the messages on the spool, as (receipt, body)."""
        with self.aside():
            found = boto3.client("sqs").receive_message(
                QueueUrl=self.spool_url, MaxNumberOfMessages=10, VisibilityTimeout=0
            )
        return [(one["ReceiptHandle"], one["Body"]) for one in found.get("Messages", [])]

    def unspool(self, receipt: str) -> None:
        """Take a message off the spool."""
        with self.aside():
            boto3.client("sqs").delete_message(QueueUrl=self.spool_url, ReceiptHandle=receipt)

    def routing(self) -> dict[str, str] | None:
        """The active version and the candidate beside it, as the registry has them now."""
        found = [item for item in self.tables.items("Registry") if item["sk"]["S"] == "CURRENT"]
        told = from_attributes(found[0]) if found else {}
        split = told.get("split") or {}
        return {"active": told["active"], "candidate": split.get("candidate", "")} if told else None

    def archived(self) -> list[bytes]:
        """What the log archive holds, as it lies there."""
        return [gzip.decompress(key.value) for key in self._objects(self.stack.log_bucket).values()]

    def checkpoints(self) -> CheckpointArchive:
        """The audit chain's."""
        return CheckpointArchive(self.stack.s3, self.stack.audit_bucket)

    def retire(self, function: str) -> None:
        """Its instance is gone; the next call meets a cold one, with a clock of its own."""
        self._skews.pop(function, None)
        self.deaths[function] += 1
        for held in (access.guard, lean_client, *vars(importlib.import_module(f"functions.{function}.app")).values()):
            if hasattr(held, "cache_clear"):
                held.cache_clear()

    def _drawn(self, size: int) -> bytes:
        return self._dice.randbytes(size)

    def _skew_of(self, function: str) -> float:
        if function not in self._skews:
            skewed = 0.0 if self.weather.calm else self._dice.uniform(-SKEW_SECONDS, SKEW_SECONDS)
            self._skews[function] = self._dice.choice([0.0, skewed])
        return self._skews[function]

    def _invoke(self, function: str, event: dict[str, Any]) -> tuple[bytes, bool]:
        try:
            return json.dumps(self.call(function.removeprefix("stack-"), event)).encode(), False
        except (Exception, Killed) as died:
            return json.dumps({"errorType": type(died).__name__}).encode(), True

    def _renew(self, dice: random.Random, tables: Tables) -> None:
        self._dice, self._skews = dice, dict[str, float]()
        self.clock.passed, self.clock.skew = 0.0, 0.0
        self.deaths: Counter[str] = Counter()
        self.tables, self.weather, self.logs = tables, Weather(dice), io.StringIO()
        self.way = Way(self.tables, self.weather, self.clock, self._invoke)

    def _empty(self) -> None:
        for name in (self.stack.log_bucket, self.stack.audit_bucket, self.stack.batch_bucket):
            self._objects(name).clear()
        models = self._objects(self.stack.model_bucket)
        for key in set(models) - self._packed:
            models.pop(key)
        for queue in get_backend("sqs")[ACCOUNT]["eu-west-1"].queues.values():
            queue._messages.clear()

    def _objects(self, bucket: str) -> Any:
        return get_backend("s3")[ACCOUNT]["aws"].buckets[bucket].keys


@contextmanager
def opened() -> Iterator[World]:
    """The world, and this process as it was before afterwards."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        quicken(patch)
        go_cold()
        yield World(patch)
        go_cold()
