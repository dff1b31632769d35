"""DynamoDB in a dictionary: the few calls the watch stores make, for tests of volume that moto is too slow for.

One thread. It knows two conditions, `attribute_not_exists(pk)` and `<name> = :read`, and refuses any other.
"""

from collections.abc import Iterator
from typing import Any

Item = dict[str, Any]


class CanceledError(Exception):
    """A transaction whose conditions did not all hold."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__("canceled")
        self.response = {"CancellationReasons": [{"Code": code} for code in codes]}


class MemoryDynamoDB:
    """Stands for a boto3 client of one table with keys `pk` and `sk`."""

    class exceptions:  # noqa: N801 -- what boto3 calls it
        TransactionCanceledException = CanceledError

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], Item] = {}

    def get_item(self, *, Key: Item, **_: object) -> Item:
        found = self._items.get(_key(Key))
        return {"Item": found} if found else {}

    def transact_write_items(self, *, TransactItems: list[Item], **_: object) -> Item:
        puts = [one["Put"] for one in TransactItems]
        codes = ["None" if self._holds(put) else "ConditionalCheckFailed" for put in puts]
        if any(code != "None" for code in codes):
            raise CanceledError(codes)
        self._items.update({_key(put["Item"]): put["Item"] for put in puts})
        return {}

    def get_paginator(self, _: str) -> "MemoryDynamoDB":
        return self

    def paginate(self, *, ExpressionAttributeValues: Item, **_: object) -> Iterator[Item]:
        wanted = {name: value["S"] for name, value in ExpressionAttributeValues.items()}
        keys = [k for k in sorted(self._items) if k[0] == wanted[":pk"] and wanted[":first"] <= k[1] <= wanted[":last"]]
        yield {"Items": [self._items[key] for key in keys]}

    def _holds(self, put: Item) -> bool:
        found, condition = self._items.get(_key(put["Item"])), put["ConditionExpression"]
        if condition == "attribute_not_exists(pk)":
            return found is None
        name, value = condition.split(" = ")
        assert value == ":read", condition
        return found is not None and found[name.removeprefix("#")] == put["ExpressionAttributeValues"][value]


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
