"""The registry table's few primitives: consistent reads, conditional items, one transaction at a time."""

import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fraud.aws.lean.attributes import from_attributes, to_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
CONDITION_FAILED = "ConditionalCheckFailed"
_MET_ANOTHER = ("TransactionConflictException", "TransactionInProgressException")


class Table:
    """One DynamoDB table with keys `pk` and `sk`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client, self._table = client, table

    def transact(self, items: Sequence[Item]) -> tuple[str, ...] | None:
        """Apply all items or none: None when applied, else each item's reason for not being applied.

        A reply that got lost is asked for again under the same token by botocore, so nothing applies twice.
        """
        try:
            self._client.transact_write_items(TransactItems=items, ClientRequestToken=str(uuid.uuid4()))  # type: ignore[arg-type]
        except self._client.exceptions.TransactionCanceledException as exc:
            return tuple(reason.get("Code", "None") for reason in exc.response["CancellationReasons"])
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _MET_ANOTHER:
                return ("TransactionConflict",) * len(items)
            raise
        return None

    def get(self, pk: str, sk: str) -> Item | None:
        """One item as plain values, or None."""
        key = to_attributes({"pk": pk, "sk": sk})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return from_attributes(item) if item else None

    def query(self, pk: str, *, prefix: str = "", newest_first: bool = False) -> Iterator[Item]:
        """The items of a partition in order of their sort key, page by page."""
        condition, values = "pk = :pk", {":pk": pk}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :prefix)", {**values, ":prefix": prefix}
        return self._pages(condition, values, newest_first=newest_first)

    def between(self, pk: str, first: str, last: str, *, newest_first: bool = False) -> Iterator[Item]:
        """The items of a partition whose sort keys lie from `first` to `last`, both included."""
        values = {":pk": pk, ":first": first, ":last": last}
        return self._pages("pk = :pk AND sk BETWEEN :first AND :last", values, newest_first=newest_first)

    def _pages(self, condition: str, values: Item, *, newest_first: bool) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=to_attributes(values),
            ScanIndexForward=not newest_first,
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield from_attributes(item)

    def put_new(self, item: Item) -> Item:
        """A transaction item: put what must not exist yet."""
        return self.put(item, "attribute_not_exists(pk)", {})

    def put_any(self, item: Item) -> Item:
        """A transaction item: put whatever is there."""
        return {"Put": {"TableName": self._table, "Item": to_attributes(item)}}

    def put(self, item: Item, condition: str, values: Item, *reserved: str) -> Item:
        """A transaction item: put under a condition; `reserved` words are written `#word` in it."""
        return {
            "Put": {
                "TableName": self._table,
                "Item": to_attributes(item),
                **_condition(condition, values, reserved),
            }
        }

    def update(self, pk: str, sk: str, change: str, condition: str, values: Item, *reserved: str) -> Item:
        """A transaction item: an update expression under a condition; `#word` as in `put`, in both of them."""
        key = to_attributes({"pk": pk, "sk": sk})
        return {
            "Update": {
                "TableName": self._table,
                "Key": key,
                "UpdateExpression": change,
                **_condition(condition, values, reserved),
            }
        }

    def check(self, pk: str, sk: str, condition: str, values: Item, *reserved: str) -> Item:
        """A transaction item that changes nothing but must hold."""
        key = to_attributes({"pk": pk, "sk": sk})
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": key,
                **_condition(condition, values, reserved),
            }
        }


def _condition(condition: str, values: Item, reserved: tuple[str, ...]) -> Item:
    written: Item = {"ConditionExpression": condition}
    if values:
        written["ExpressionAttributeValues"] = to_attributes(values)
    if reserved:
        written["ExpressionAttributeNames"] = {f"#{word}": word for word in reserved}
    return written
