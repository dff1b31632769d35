"""The public keys that may sign drops, in the registry table: partition `SIGNING`, one item a key."""

from typing import TYPE_CHECKING

import msgspec

from fraud.access.signing import SigningKey
from fraud.aws.lean.attributes import from_attributes, to_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTITION = "SIGNING"


class SigningKeys:
    """Reads and writes the keys; read at every use, so a revoked key stops counting at once."""

    def __init__(self, client: "DynamoDBClient", registry_table: str) -> None:
        self._client, self._table = client, registry_table

    def known(self) -> list[SigningKey]:
        """Every key that may sign."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_attributes({":pk": PARTITION}),
            ConsistentRead=True,
        )
        return [msgspec.convert(from_attributes(item), SigningKey) for page in pages for item in page["Items"]]

    def add(self, key: SigningKey) -> None:
        """Let a key sign; a name stands for one key at a time."""
        item = {"pk": PARTITION, "sk": f"KEY#{key.name}", **msgspec.structs.asdict(key)}
        self._client.put_item(TableName=self._table, Item=to_attributes(item))

    def revoke(self, name: str) -> None:
        """A key signs no more; versions it signed stay what they are."""
        key = to_attributes({"pk": PARTITION, "sk": f"KEY#{name}"})
        self._client.delete_item(TableName=self._table, Key=key)
