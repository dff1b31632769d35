"""Forgetting an entity: its records go, everybody else's stay, and the audit chain still holds."""

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud.audit.chain import first_broken
from fraud.bulk.erasure_store import BatchErasure
from fraud.requests.erasure_store import ErasureStore
from fraud.requests.redaction import Redactor
from fraud.versions.erasure import Forgotten, Places, forget
from fraud.versions.registry import Registry
from fraud.watch.label_erasure_store import LabelErasure
from tests.functional.bulk import Bulk
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction
from tests.functional.streams import stream_event
from tests.functional.test_archive import archived

Event = Callable[..., dict[str, Any]]
TOKEN = Redactor(lambda: "s3cret").token("card-77")


@pytest.fixture
def places(stack: Stack) -> Places:
    """Everywhere something can lie."""
    return Places(
        ErasureStore(stack.dynamodb, stack.s3, "Requests", stack.log_bucket),
        LabelErasure(stack.dynamodb, "Watch"),
        BatchErasure(stack.s3, stack.batch_bucket),
    )


@pytest.fixture
def decided(stack: Stack, event: Event) -> None:
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


def everything(stack: Stack) -> str:
    """All there is about requests, every version of every archived object included."""
    import gzip

    versions = stack.s3.list_object_versions(Bucket=stack.log_bucket).get("Versions", [])
    bodies = [
        stack.s3.get_object(Bucket=stack.log_bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
        for one in versions
    ]
    return str(stack.items("Requests")) + "".join(gzip.decompress(body).decode() for body in bodies)


@pytest.mark.usefixtures("decided")
def test_an_entitys_records_go_and_everybody_elses_stay(stack: Stack, places: Places) -> None:
    # GIVEN records of two entities in table and archive
    registry = Registry(boto3.client("dynamodb"), "Registry")
    assert TOKEN in everything(stack)

    # WHEN one is forgotten
    erased = forget(registry, places, {TOKEN, "card-77"}, token=TOKEN, actor="operator", why="request of 3 May")

    # THEN nothing of it is left, refusals of its transactions included, and the other's are all there
    left = everything(stack)
    assert TOKEN not in left
    assert "t-1" not in left
    assert erased == Forgotten(rows=4, lines=3)
    kept = [line["transaction_id"] for lines in archived(stack).values() for line in lines]
    assert sorted(kept) == ["t-0", "t-2"]
    assert sorted(item["pk"]["S"] for item in stack.items("Requests")) == ["TXN#t-0", "TXN#t-2"]

    # AND the audit chain says so and holds
    entries = registry.audit_entries()
    assert [one.action for one in entries[-2:]] == ["entity.forgetting", "entity.forgotten"]
    assert entries[-1].details == {"rows": 4, "lines": 3, "labels": 0, "files": 0, "why": "request of 3 May"}
    assert "card-77" not in str(entries)
    assert first_broken(entries) is None


@pytest.mark.usefixtures("decided")
def test_forgetting_again_finds_nothing(places: Places) -> None:
    registry = Registry(boto3.client("dynamodb"), "Registry")
    for expected in (Forgotten(4, 3), Forgotten()):
        assert forget(registry, places, {TOKEN}, token=TOKEN, actor="operator", why="") == expected


@pytest.mark.usefixtures("decided")
def test_what_reaches_the_archive_meanwhile_goes_too(stack: Stack, places: Places) -> None:
    # GIVEN a record that is archived after the first pass
    late = stream_event(stack)

    def arrive() -> None:
        if late["Records"]:
            stack.call("archive", {"Records": late.pop("Records")})
            late["Records"] = []

    # WHEN the entity is forgotten / THEN the next pass finds it
    registry = Registry(boto3.client("dynamodb"), "Registry")
    forget(registry, places, {TOKEN}, token=TOKEN, actor="operator", why="", settle=arrive)
    assert TOKEN not in everything(stack)


@pytest.mark.usefixtures("decided")
def test_labels_of_its_transactions_go_and_no_count_names_anybody(stack: Stack, event: Event, places: Places) -> None:
    # GIVEN labels of both entities' transactions: joined, refused, waiting for a transaction nobody sent
    said = [{"transaction_id": name, "is_fraud": True, "source": "chargeback"} for name in ("t-1", "t-0", "t-9")]
    assert stack.call("feedback", event("feedback_labels", body=json.dumps(said)))["statusCode"] == 200
    about_t1 = [item for item in stack.items("Watch") if "t-1" in str(item)]
    assert {item["pk"]["S"].partition("#")[0] for item in about_t1} == {"LABEL", "LABELS", "OUTCOMES"}

    # WHEN one is forgotten
    registry = Registry(boto3.client("dynamodb"), "Registry")
    erased = forget(registry, places, {TOKEN}, token=TOKEN, actor="operator", why="")

    # THEN its labels are gone and the others wait or count as before
    assert erased.labels == 3
    left = stack.items("Watch")
    assert [item for item in left if "t-1" in str(item)] == []
    labels = [item["pk"]["S"] for item in left if item["pk"]["S"].startswith("LABEL#")]
    assert sorted(labels) == ["LABEL#t-0", "LABEL#t-9"]

    # AND what else the table holds are counts, which name no transaction and no entity
    counted = [item for item in left if not item["pk"]["S"].startswith(("LABEL", "OUTCOMES"))]
    assert counted
    for name in ("t-0", "t-1", "t-2", "card-", "tok_"):
        assert name not in str(counted)


def parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    flat = [{**{name: value for name, value in row.items() if name != "features"}, **row["features"]} for row in rows]
    pq.write_table(pa.Table.from_pylist([{"Entity_ID": one.pop("entity_id"), **one} for one in flat]), sink)
    return sink.getvalue()


def csv(rows: list[dict[str, Any]]) -> str:
    names = ["transaction_id", "amount", "time", "Entity_ID", *rows[0]["features"]]
    flat = ([*(row[name.lower()] for name in names[:4]), *row["features"].values()] for row in rows)
    return "".join(",".join(map(str, line)) + "\n" for line in [names, *flat])


def ndjson(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps({**row, "location": "a\u2028b"}, ensure_ascii=False) + "\n" for row in rows)


def readable(stack: Stack) -> str:
    """Every version of everything in the batch bucket, as text."""
    found = []
    for one in stack.s3.list_object_versions(Bucket=stack.batch_bucket).get("Versions", []):
        place = {"Bucket": stack.batch_bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
        body = stack.s3.get_object(**place)["Body"].read()
        is_table = one["Key"].endswith(".parquet")
        found.append(str(pq.read_table(io.BytesIO(body)).to_pylist()) if is_table else body.decode())
    return "\n".join(found)


def test_files_that_hold_it_go_and_results_lose_its_lines(stack: Stack, event: Event, places: Places) -> None:
    # GIVEN bulk batches of two entities in every form, and one of another alone
    X, _ = data()
    go_live("v1.0.0", forest(), stack.model_bucket)
    bulk = Bulk(stack, event)

    def rows(kind: str) -> list[dict[str, Any]]:
        return [transaction(X[number], f"{kind}-{number}", entity_id=f"card-{77 + number % 2}") for number in range(4)]

    files = {kind: made(rows(kind)) for kind, made in (("csv", csv), ("ndjson", ndjson), ("parquet", parquet))}
    told = [{"input": bulk.put(f"day.{kind}", body)} for kind, body in files.items()]
    begun = [bulk.begin(one)[1]["batch_id"] for one in (*told, {"transactions": rows("inline")})]
    bulk.begin({"transactions": rows("other")[1::2]})
    bulk.run()
    before = bulk.keys("results/")
    assert [name for name in (*files, "inline") if f"{name}-2" not in readable(stack)] == []

    # WHEN one entity is forgotten
    registry = Registry(boto3.client("dynamodb"), "Registry")
    erased = forget(registry, places, {TOKEN, "card-77"}, token=TOKEN, actor="operator", why="")

    # THEN no version of any file names it or its transactions, the other's answers are all there
    left = readable(stack)
    assert erased.rows == 8
    gone, kept = ([f"{name}-{number}" for name in (*files, "inline") for number in pair] for pair in ((0, 2), (1, 3)))
    assert [name for name in ("card-77", *gone) if name in left] == []
    assert [name for name in ("other-1", "other-3", *kept) if name not in left] == []
    assert bulk.keys("results/") == before
    assert [bulk.ask("watch", one)[1]["state"] for one in begun] == ["done"] * 4

    # AND nothing was put where an arrival begins a batch, and the table of batches knows no entity
    assert bulk.keys("incoming/") == []
    assert "card-" not in str(stack.items("Batches"))
    assert "inline-1" not in str(stack.items("Batches"))


def test_a_file_without_the_entity_stays_as_it_is(stack: Stack, places: Places) -> None:
    # GIVEN files in which the entity's name stands elsewhere, and one that is no table at all
    for name, body in {
        "incoming/a.csv": b"transaction_id,location,entity_id\nt-1,card-77,card-770\n",
        "incoming/b.ndjson": b'{"transaction_id": "t-2", "entity_id": "card-7"}\nnot json\n[]\n',
        "incoming/empty.csv": b"",
        "notes.txt": b"card-77",
    }.items():
        stack.s3.put_object(Bucket=stack.batch_bucket, Key=name, Body=body)
    # WHEN it is forgotten / THEN they stay
    before = readable(stack)
    assert places.files.erase({"card-77", TOKEN}, set()) == 0
    assert readable(stack) == before
