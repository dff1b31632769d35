"""audit: the history over HTTP, its examination, its daily checkpoint, and the bundle that proves it elsewhere."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli import bundle
from cli.api import Api, Reply
from fraud.versions.lifecycle import activate_version, rollback
from fraud.versions.registry import Registry
from tests.functional.conftest import Stack, grant
from tests.functional.test_access import event
from tests.functional.test_models import registered

Get = Callable[..., tuple[int, dict[str, Any]]]
TICK = {"source": "aws.events", "detail-type": "Scheduled Event"}


@pytest.fixture
def get(stack: Stack) -> Get:
    """GET a path of the audit function, as admin."""

    def call(path: str, **query: str) -> tuple[int, dict[str, Any]]:
        asked = event(f"GET {path}", "admin-key")
        asked |= {"queryStringParameters": query or None,
                  "multiValueQueryStringParameters": {name: [one] for name, one in query.items()} or None}  # fmt: skip
        answered = stack.call("audit", asked)
        return answered["statusCode"], json.loads(answered["body"])

    return call


@pytest.fixture
def history(stack: Stack) -> int:
    """Some control actions; how many."""
    for version in ("v1.0.0", "v1.1.0"):
        registered(version)
    registry = Registry(boto3.client("dynamodb"), "Registry")
    activate_version(registry, "v1.0.0", by="a", why="first")
    activate_version(registry, "v1.1.0", by="b", why="better")
    rollback(registry, by="c", why="worse")
    return 5


def tamper(stack: Stack, sequence: int, **changes: Any) -> None:
    key = {"pk": {"S": "AUDIT"}, "sk": {"S": f"SEQ#{sequence:010d}"}}
    item = stack.dynamodb.get_item(TableName="Registry", Key=key)["Item"]
    entry = {**json.loads(item["entry"]["S"]), **changes}
    stack.dynamodb.put_item(TableName="Registry", Item={**item, "entry": {"S": json.dumps(entry)}})


def test_the_history_is_paged_newest_first_and_says_who_what_and_from_where(
    stack: Stack, get: Get, history: int
) -> None:
    # GIVEN a change over HTTP after the others
    asked = event("POST /models/rollback", "admin-key")
    asked["path"] = "/api/v1/models/activate/v1.1.0"
    assert stack.call("models", asked)["statusCode"] == 200

    # WHEN the history is read in pages
    first = get("/audit", limit="4")[1]
    second = get("/audit", limit="4", cursor=first["next_cursor"])[1]

    # THEN every entry is there once, newest first
    entries = [*first["entries"], *second["entries"]]
    assert [one["sequence"] for one in entries] == [6, 5, 4, 3, 2, 1]
    assert second["next_cursor"] is None
    newest = entries[0]
    assert (newest["actor"], newest["action"], newest["subject"]) == ("admin", "version.activated", "v1.1.0")
    assert "from 203.0.113.0/24" in newest["origin"]
    assert asked["requestContext"]["requestId"] in newest["origin"]
    assert "203.0.113.9" not in json.dumps(entries)


def test_an_honest_history_holds_and_is_sealed_once_a_day(stack: Stack, get: Get, history: int) -> None:
    assert stack.call("audit", TICK) is None
    stack.call("audit", TICK)  # again: nothing is new
    body = get("/audit/verify")[1]
    assert (body["intact"], body["entries"], body["findings"]) == (True, history, [])
    assert [(one["number"], one["sequence"]) for one in body["checkpoints"]] == [(1, history)]
    registered("v1.2.0")
    stack.call("audit", TICK)
    assert [one["sequence"] for one in get("/audit/verify")[1]["checkpoints"]] == [history, history + 1]


def test_what_was_tampered_with_is_named_and_never_sealed(stack: Stack, get: Get, history: int) -> None:
    stack.call("audit", TICK)
    tamper(stack, 3, actor="somebody else")
    stack.dynamodb.delete_item(TableName="Registry", Key={"pk": {"S": "AUDIT"}, "sk": {"S": "SEQ#0000000002"}})
    body = get("/audit/verify")[1]
    assert body["intact"] is False
    assert [(one["sequence"], one["kind"]) for one in body["findings"]] == [(2, "deleted"), (3, "edited")]
    registered("v1.2.0")
    stack.call("audit", TICK)
    assert len(get("/audit/verify")[1]["checkpoints"]) == 1


def test_a_checkpoint_written_over_counts_as_it_was_first_written(stack: Stack, get: Get, history: int) -> None:
    stack.call("audit", TICK)
    [held] = stack.s3.list_objects_v2(Bucket=stack.audit_bucket)["Contents"]
    stack.s3.put_object(Bucket=stack.audit_bucket, Key=held["Key"], Body=b"{}")
    assert get("/audit/verify")[1]["intact"] is True


def test_only_who_may_read_the_history_reads_it(stack: Stack) -> None:
    grant(stack, "reader", "reader", ["models:read", "logs:read"])
    assert stack.call("audit", event("GET /audit", "reader"))["statusCode"] == 403


class Bridge(Api):
    """fraudctl's API client, answered by the handler."""

    get_page: Get

    def get(self, path: str, parameters: Any = None, *, also: tuple[int, ...] = ()) -> Reply:
        query = {name: str(one) for name, one in (parameters or {}).items() if one is not None}
        status, body = type(self).get_page(path, **query)
        return Reply(status, json.dumps(body), body)


@pytest.fixture
def exported(stack: Stack, get: Get, history: int, tmp_path: Path) -> Path:
    """A bundle of the history, with a checkpoint in it."""
    stack.call("audit", TICK)
    registered("v1.2.0")
    Bridge.get_page = staticmethod(get)
    file = tmp_path / "audit.zip"
    bundle.write(file, bundle.audit_files(Bridge("http://nowhere", "key")))
    return file


def test_a_bundle_proves_the_history_offline(exported: Path, history: int) -> None:
    assert bundle.verify(exported) == (history + 1, [])


@pytest.mark.parametrize(
    ("line", "change", "expected"),
    [
        (2, {"actor": "somebody else"}, [(3, "edited")]),
        (1, None, [(2, "deleted")]),
        (5, None, [(6, "truncated")]),
        (2, {"position": 5}, [(3, "deleted"), (4, "reordered"), (5, "reordered")]),
    ],
)
def test_a_bundle_that_was_tampered_with_names_the_entry(
    exported: Path, line: int, change: dict[str, Any] | None, expected: list[tuple[int, str]]
) -> None:
    # GIVEN a bundle with one line changed or gone
    with zipfile.ZipFile(exported) as held:
        files = {name: held.read(name) for name in held.namelist()}
    lines = files[bundle.ENTRIES].splitlines()
    lines[line] = json.dumps({**json.loads(lines[line]), **change}).encode() if change else b""
    files[bundle.ENTRIES] = b"\n".join(one for one in lines if one)
    with zipfile.ZipFile(exported, "w") as forged:
        for name, data in files.items():
            forged.writestr(name, data)

    # WHEN it is checked / THEN the entry is named
    assert [(one.sequence, one.kind) for one in bundle.verify(exported)[1]] == expected
