"""fraudctl forget: asks first, erases everywhere, says how much and nothing of whom."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import Result

from fraud.requests.redaction import Redactor
from fraud.versions.registry import Registry
from tests.tables import table
from tests.unit.cli.conftest import BUCKET

Fraudctl = Callable[..., Result]
TOKEN = Redactor(lambda: "s3cret").token("card-77")
TABLES = ("Registry", "Requests", "Watch")
FILE, ARCHIVED = "incoming/day.csv", "logs/dt=2026-11-22/hour=10/a.gz"


@pytest.fixture
def dynamodb(cloud: str, outputs: Path, with_cloud: None) -> Iterator[Any]:
    """A system that knows the entity by a record, an archived line, a label and a file."""
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    names = ("dynamodb", "s3", "secretsmanager")
    clients: dict[str, Any] = {name: session.client(name, endpoint_url=cloud) for name in names}
    for name in TABLES:
        clients["dynamodb"].create_table(**table(name))
    secret = clients["secretsmanager"].create_secret(Name="token", SecretString="s3cret")["ARN"]
    more = {"requests_table": "Requests", "watch_table": "Watch", "log_bucket": BUCKET, "token_secret_arn": secret}
    outputs.write_text(json.dumps({**json.loads(outputs.read_text()), **more}))
    row = {"pk": {"S": "TXN#t-1"}, "sk": {"S": "d1"}, "entity_id": {"S": TOKEN}}
    clients["dynamodb"].put_item(TableName="Requests", Item=row)
    clients["dynamodb"].put_item(TableName="Watch", Item={"pk": {"S": "LABEL#t-1"}, "sk": {"S": "analyst"}})
    line = json.dumps({"transaction_id": "t-1", "entity_id": TOKEN})
    clients["s3"].put_object(Bucket=BUCKET, Key=ARCHIVED, Body=gzip.compress(line.encode()))
    clients["s3"].put_object(Bucket=BUCKET, Key=FILE, Body=b"transaction_id,entity_id\nt-1,card-77\n")
    yield clients["dynamodb"]
    for name in TABLES:
        clients["dynamodb"].delete_table(TableName=name)
    clients["secretsmanager"].delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    for key in (ARCHIVED, FILE):
        clients["s3"].delete_object(Bucket=BUCKET, Key=key)
    for one in clients.values():
        one.close()


def test_an_entity_is_forgotten_everywhere_and_called_by_its_token(fraudctl: Fraudctl, dynamodb: Any) -> None:
    ran = fraudctl("forget", "--entity", "card-77", "--reason", "request of 3 May", "--settle", "0", "--yes")
    assert (ran.exit_code, ran.stdout) == (0, f"{TOKEN}: erased 1 records, 1 archived lines, 1 labels, 1 files\n")
    assert [dynamodb.scan(TableName=name)["Count"] for name in ("Requests", "Watch")] == [0, 0]
    done = Registry(dynamodb, "Registry").audit_entries()[-1]
    assert (done.action, done.subject, done.details["why"]) == ("entity.forgotten", TOKEN, "request of 3 May")
    assert done.actor.startswith("fraudctl:")


def test_nothing_is_erased_before_somebody_said_yes(fraudctl: Fraudctl, dynamodb: Any) -> None:
    ran = fraudctl("forget", "--entity", "card-77", "--reason", "x", stdin="n\n")
    assert ran.exit_code == 1
    assert dynamodb.scan(TableName="Requests")["Count"] == 1
    assert Registry(dynamodb, "Registry").audit_entries() == []
