"""Erasure of what the watch table holds about single transactions: their labels, notes that wait, outcomes.

All else in the table is counted over many.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Key = tuple[str, str]


class LabelErasure:
    """Finds and removes; may be repeated."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client, self._table = client, table

    def erase(self, transaction_ids: set[str]) -> int:
        """Remove everything about these transactions; how many items."""
        found = [key for key in self._keys() if _transaction(*key) in transaction_ids] if transaction_ids else []
        for pk, sk in found:
            self._client.delete_item(TableName=self._table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
        return len(found)

    def _keys(self) -> Iterator[Key]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            ProjectionExpression="pk, sk",
            FilterExpression="begins_with(pk, :labels) OR begins_with(pk, :outcomes)",
            ExpressionAttributeValues={":labels": {"S": "LABEL"}, ":outcomes": {"S": "OUTCOMES#"}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from ((item["pk"]["S"], item["sk"]["S"]) for item in page["Items"])


def _transaction(pk: str, sk: str) -> str:
    """Whose item it is; `LabelStore` makes these keys."""
    kind, _, rest = pk.partition("#")
    return {"LABEL": rest, "LABELS": sk}.get(kind) or sk.rpartition("#")[0]
