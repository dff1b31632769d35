"""Forgetting an entity: its records go, everybody else's stay, and the audit chain still holds."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from fraud.audit.chain import first_broken
from fraud.requests.erasure_store import Erased, ErasureStore
from fraud.requests.redaction import Redactor
from fraud.versions.erasure import forget
from fraud.versions.registry import Registry
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction
from tests.functional.streams import stream_event
from tests.functional.test_archive import archived

Event = Callable[..., dict[str, Any]]
TOKEN = Redactor(lambda: "s3cret").token("card-77")


@pytest.fixture
def store(stack: Stack, event: Event) -> ErasureStore:
    """Decisions about two entities, archived, and one more that is not archived yet."""
    X, _ = data()
    versioning = {"Status": "Enabled"}
    stack.s3.put_bucket_versioning(Bucket=stack.log_bucket, VersioningConfiguration=versioning)
    go_live("v1.0.0", forest(), stack.model_bucket)

    def score(number: int, entity: str) -> None:
        body = json.dumps(transaction(X[number], f"t-{number}", entity_id=entity))
        assert stack.call("predict", event("predict_transaction", body=body))["statusCode"] == 200

    for number in range(4):
        score(number, "card-77" if number % 2 else "card-88")
    refused = json.dumps({"transaction_id": "t-1", "amount": -1})
    assert stack.call("predict", event("predict_transaction", body=refused))["statusCode"] == 422
    stack.call("archive", stream_event(stack))
    score(5, "card-77")
    return ErasureStore(stack.dynamodb, stack.s3, "Requests", stack.log_bucket)


def everything(stack: Stack) -> str:
    """All there is about requests, every version of every archived object included."""
    import gzip

    versions = stack.s3.list_object_versions(Bucket=stack.log_bucket).get("Versions", [])
    bodies = [
        stack.s3.get_object(Bucket=stack.log_bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
        for one in versions
    ]
    return str(stack.items("Requests")) + "".join(gzip.decompress(body).decode() for body in bodies)


def test_an_entitys_records_go_and_everybody_elses_stay(stack: Stack, store: ErasureStore) -> None:
    # GIVEN records of two entities in table and archive
    registry = Registry(boto3.client("dynamodb"), "Registry")
    assert TOKEN in everything(stack)

    # WHEN one is forgotten
    erased = forget(registry, store, {TOKEN, "card-77"}, token=TOKEN, actor="operator", why="request of 3 May")

    # THEN nothing of it is left, refusals of its transactions included, and the other's are all there
    left = everything(stack)
    assert TOKEN not in left
    assert "t-1" not in left
    assert erased == Erased(rows=4, lines=3)
    kept = [line["transaction_id"] for lines in archived(stack).values() for line in lines]
    assert sorted(kept) == ["t-0", "t-2"]
    assert sorted(item["pk"]["S"] for item in stack.items("Requests")) == ["TXN#t-0", "TXN#t-2"]

    # AND the audit chain says so and holds
    entries = registry.audit_entries()
    assert [one.action for one in entries[-2:]] == ["entity.forgetting", "entity.forgotten"]
    assert entries[-1].details == {"rows": 4, "lines": 3, "why": "request of 3 May"}
    assert "card-77" not in str(entries)
    assert first_broken(entries) is None


def test_forgetting_again_finds_nothing(stack: Stack, store: ErasureStore) -> None:
    registry = Registry(boto3.client("dynamodb"), "Registry")
    for expected in (Erased(4, 3), Erased(0, 0)):
        assert forget(registry, store, {TOKEN}, token=TOKEN, actor="operator", why="") == expected


def test_what_reaches_the_archive_meanwhile_goes_too(stack: Stack, store: ErasureStore) -> None:
    # GIVEN a record that is archived after the first pass
    late = stream_event(stack)

    def arrive() -> None:
        if late["Records"]:
            stack.call("archive", {"Records": late.pop("Records")})
            late["Records"] = []

    # WHEN the entity is forgotten / THEN the next pass finds it
    registry = Registry(boto3.client("dynamodb"), "Registry")
    forget(registry, store, {TOKEN}, token=TOKEN, actor="operator", why="", settle=arrive)
    assert TOKEN not in everything(stack)
