"""The requests table as `predict` writes it: one conditional put a request."""

import os
from typing import Any

from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.aws.lean.client import LeanClient
from fraud.aws.lean.errors import ConditionFailedError, LeanError
from fraud.clock import now
from fraud.errors import UnavailableError
from fraud.requests.record import Item

MARK = "w"


def marked(item: Item) -> Item:
    """The item with what tells its write from another one's of the same key; a mark it has stays."""
    return {MARK: os.urandom(8), **item}


class RequestStore:
    """Writes through the lean client."""

    def __init__(self, client: LeanClient, table: str) -> None:
        self._client, self._table = client, table

    def put_once(self, item: Item) -> Item | None:
        """Store the item unless its key holds a live one.

        None when this item is the one stored; else the item that was there first. A reply lost after the commit is
        recognised by the write's own mark, so a retry of our own write counts as ours; an item that has a mark
        keeps it. Raises UnavailableError.
        """
        item = marked(item)
        payload = {
            "TableName": self._table,
            "Item": to_attributes(item),
            # TTL deletes lag by up to 48 h: an item past its time counts as absent
            "ConditionExpression": "attribute_not_exists(pk) OR expires_at < :now",
            "ExpressionAttributeValues": to_attributes({":now": int(now().timestamp())}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self._client.dynamodb("PutItem", payload)
        except ConditionFailedError as taken:
            first: dict[str, Any] = from_attributes(taken.item or {})
            if not first:
                raise UnavailableError("the log refused the record without saying why") from taken
            return None if first[MARK] == item[MARK] else first
        except LeanError as refused:
            raise UnavailableError(f"the log refused the record: {refused.code}") from refused
        return None
