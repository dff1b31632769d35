"""What disturbs a deployment: a function that dies at its n-th AWS call; and what the system looks like afterwards."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fraud.audit import chain
from fraud.aws.clients import client
from fraud.versions.registry import Registry
from tests.functional.conftest import Stack
from tests.tables import table

REGISTRY = table("Registry")
SERVICES = ("s3", "dynamodb")
WRITES = ("PutObject", "TransactWriteItems")
_VARYING = frozenset(  # times, ids, and the hashes over them
    ("at", "since", "created_at", "change_id", "hash", "previous_hash", "latency", "drop_version_id", "position_id")
)


class Killed(BaseException):
    """The function ends here, whatever it would have caught."""


class Calls:
    """The AWS calls of this process: which there were, and at which one it dies.

    `die_before`: the call does not happen; `die_after`: it does, but nobody hears of it.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.die_before = self.die_after = 0

    def began(self, model: Any, **_: Any) -> None:
        """A call begins."""
        self.names.append(model.name)
        if len(self.names) == self.die_before:
            raise Killed

    def ended(self, **_: Any) -> None:
        """A call was answered."""
        if len(self.names) == self.die_after:
            raise Killed


@contextmanager
def counted(*, die_before: int = 0, die_after: int = 0) -> Iterator[Calls]:
    """Count the calls in the block; survive the death of whoever makes them."""
    calls = Calls()
    calls.die_before, calls.die_after = die_before, die_after
    hooks = [client(service).meta.events for service in SERVICES]
    for events in hooks:
        events.register("before-call", calls.began, unique_id="began")
        events.register("after-call", calls.ended, unique_id="ended")
    try:
        yield calls
    except Killed:
        pass
    finally:
        for events in hooks:
            events.unregister("before-call", unique_id="began")
            events.unregister("after-call", unique_id="ended")


def state(stack: Stack) -> dict[str, Any]:
    """Everything the registry and the bucket of models hold, without times and ids."""
    items = [_plain(item) for item in stack.items("Registry") if not item["pk"]["S"].startswith("CLIENT#")]
    return {"items": sorted(items, key=str), "models": sorted(packed_models(stack))}


def packed_models(stack: Stack) -> dict[str, bytes]:
    """The packed models by key."""
    found = stack.s3.list_objects_v2(Bucket=stack.model_bucket, Prefix="models/").get("Contents", [])
    return {one["Key"]: stack.s3.get_object(Bucket=stack.model_bucket, Key=one["Key"])["Body"].read() for one in found}


def wipe(stack: Stack) -> None:
    """Forget all deployments: a new registry, no packed models and no reports.

    A new table, because moto copies a table with its whole stream in every transaction.
    """
    stack.dynamodb.delete_table(TableName="Registry")
    stack.dynamodb.create_table(**REGISTRY)
    for prefix in ("models/", "quarantine/"):
        for one in stack.s3.list_objects_v2(Bucket=stack.model_bucket, Prefix=prefix).get("Contents", []):
            stack.s3.delete_object(Bucket=stack.model_bucket, Key=one["Key"])


def check_whole(stack: Stack) -> None:
    """What holds at every moment: whole versions, one pointer to one of them, an unbroken chain up to its head."""
    registry, models = Registry(stack.dynamodb, "Registry"), packed_models(stack)
    versions, routing, entries = registry.versions(), registry.routing(), registry.audit_entries()
    names = [one.version for one in versions]
    stored = {item["pk"]["S"] for item in stack.items("Registry") if item["pk"]["S"].startswith("VERSION#")}
    assert stored == {f"VERSION#{name}" for name in names}
    assert len(names) == len(set(names))
    for one in versions:
        assert hashlib.sha256(models[one.packed_key]).hexdigest() == one.packed_sha256
    assert routing is None or routing.active in names
    assert [one.revision for one in registry.revisions()] == list(range(routing.revision if routing else 0, 0, -1))
    assert chain.first_broken(entries) is None
    assert registry.audit_head() == (entries[-1] if entries else None)
    deployments = registry.deployments(version=None, limit=100)
    assert len(deployments) == len({one.deployment_id for one in deployments})


def _plain(value: Any) -> Any:
    """Records as Python values, without what differs from run to run."""
    if isinstance(value, str):
        return _plain(json.loads(value)) if value.startswith("{") else value.rpartition("Z#")[2]
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _VARYING}
    return value
