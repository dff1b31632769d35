"""DynamoDB in dictionaries answers as moto does, but for client tokens and silent writes, which moto gets wrong."""

import json
import random
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fraud.aws.lean.attributes import to_attributes
from tests.faults.dynamodb import Tables
from tests.tables import table

Request = dict[str, Any]
TABLE = "Registry"
CONDITIONS: tuple[tuple[str, Request], ...] = (
    ("attribute_not_exists(pk)", {}),
    ("attribute_exists(pk) AND attribute_not_exists(b)", {}),
    ("attribute_not_exists(pk) OR n < :n", {":n": 2}),
    ("attribute_not_exists(pk) OR n <= :n", {":n": 2}),
    ("n = :n", {":n": 1}),
    ("attribute_not_exists(pk) OR NOT (n IN (:n, :m))", {":n": 1, ":m": 2}),
)


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """moto's client of one table."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(**table(TABLE))
        yield client


def put(dice: random.Random) -> Request:
    item = {"pk": dice.choice("pq"), "sk": dice.choice("xyz"), "n": dice.randint(0, 3)}
    item |= {"b": b"\x00\xff"} if dice.random() < 0.3 else {}
    write: Request = {"TableName": TABLE, "Item": to_attributes(item)}
    if dice.random() < 0.8:
        condition, values = dice.choice(CONDITIONS)
        write["ConditionExpression"] = condition
        write |= {"ExpressionAttributeValues": to_attributes(values)} if values else {}
    return write


def call(dice: random.Random) -> tuple[str, Request]:
    """Any of the calls the histories make."""
    match dice.randrange(5):
        case 0:
            return "GetItem", {"TableName": TABLE, "Key": to_attributes({"pk": "p", "sk": dice.choice("xyz")})}
        case 1:
            return "PutItem", {**put(dice), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        case 2:
            writes = {json.dumps([one["Item"]["pk"], one["Item"]["sk"]]): one for one in (put(dice), put(dice))}
            check = {name: value for name, value in put(dice).items() if name != "Item"}
            check |= {"Key": to_attributes({"pk": "r", "sk": "x"}), "ConditionExpression": "attribute_not_exists(pk)"}
            check.pop("ExpressionAttributeValues", None)
            items = [*({"Put": one} for one in writes.values()), {"ConditionCheck": check}]
            return "TransactWriteItems", {"TransactItems": items, "ClientRequestToken": dice.randbytes(8).hex()}
        case 3:
            condition, values = "pk = :pk AND begins_with(sk, :prefix)", {":pk": "p", ":prefix": "y"}
        case _:
            condition, values = "pk = :pk AND sk BETWEEN :first AND :last", {":pk": "q", ":first": "x", ":last": "y"}
    asked = {"KeyConditionExpression": condition, "ExpressionAttributeValues": to_attributes(values)}
    return "Query", {"TableName": TABLE, **asked, "ScanIndexForward": dice.random() < 0.5}


def told_by_moto(client: Any, operation: str, asked: Request) -> Request:
    names = {"GetItem": "get_item", "PutItem": "put_item", "TransactWriteItems": "transact_write_items"}
    try:
        answer: Request = getattr(client, names.get(operation, "query"))(**asked)
    except client.exceptions.ClientError as refused:
        answer = {"code": refused.response["Error"]["Code"], **refused.response}
    return essence(answer)


def told_by_ours(tables: Tables, operation: str, asked: Request) -> Request:
    from msgspec import json as wire

    status, answer = tables.answer(operation, wire.encode(asked))
    code = {"code": answer["__type"].rpartition("#")[2]} if status != 200 else {}
    return essence({**answer, **code})


def essence(answer: Request) -> Request:
    """What our code reads of an answer; binary as the wire has it."""
    from msgspec import json as wire

    kept = {name: answer[name] for name in ("Item", "Items", "code") if name in answer}
    reasons = {"reasons": [one["Code"] for one in answer.get("CancellationReasons", [])]}
    plain: Request = wire.decode(wire.encode({**kept, **reasons}))
    return plain


def test_random_calls_are_answered_as_moto_answers_them(moto: Any) -> None:
    dice, tables = random.Random(3), Tables()

    for _ in range(300):
        operation, asked = call(dice)
        assert told_by_ours(tables, operation, asked) == told_by_moto(moto, operation, asked), (operation, asked)


def test_a_transaction_sent_again_under_its_token_is_applied_once() -> None:
    tables = Tables()
    write = {"Put": {"TableName": TABLE, "Item": to_attributes({"pk": "p", "sk": "s"})}}
    write["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
    body = json.dumps({"TransactItems": [write], "ClientRequestToken": "one"}).encode()

    statuses = [tables.answer("TransactWriteItems", body)[0] for _ in range(2)]

    assert statuses == [200, 200]
    assert tables.answer("TransactWriteItems", body.replace(b'"one"', b'"two"'))[0] == 400


def test_the_stream_tells_of_every_change_and_of_nothing_else() -> None:
    tables = Tables()
    for number in (1, 1, 2):
        body = json.dumps({"TableName": TABLE, "Item": to_attributes({"pk": "p", "sk": "s", "n": number})})
        tables.answer("PutItem", body.encode())

    assert [one["eventName"] for one in tables.streams[TABLE]] == ["INSERT", "MODIFY"]
