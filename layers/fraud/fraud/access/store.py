"""Clients and the ids of signed messages, as functions read and write them."""

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from fraud.access.client import Client, client_pk
from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.aws.lean.client import LeanClient
from fraud.aws.lean.errors import ConditionFailedError, LeanError
from fraud.clock import now
from fraud.errors import UnavailableError

META = "META"


class AccessStore:
    """Speaks through the lean client; raises UnavailableError for whatever keeps it from an answer."""

    def __init__(self, client: LeanClient, registry_table: str, nonce_table: str) -> None:
        self._client, self._registry, self._nonces = client, registry_table, nonce_table

    def client(self, key_digest: str) -> Client | None:
        """The client of a key, or None for a key nobody registered."""
        key = to_attributes({"pk": client_pk(key_digest), "sk": META})
        item = self._call("GetItem", {"TableName": self._registry, "Key": key, "ConsistentRead": True}).get("Item")
        return msgspec.convert(from_attributes(item), Client) if item else None

    def remember(self, key_digest: str, message_id: str, until: int) -> bool:
        """Note a signed message's id until a moment; False when it was noted before.

        A reply lost after the write is recognised by the write's own mark.
        """
        mark = os.urandom(8)
        payload = {
            "TableName": self._nonces,
            "Item": to_attributes({"pk": f"{key_digest}#{message_id}", "expires_at": until, "w": mark}),
            # TTL deletes lag by up to 48 h: an item past its time counts as absent
            "ConditionExpression": "attribute_not_exists(pk) OR expires_at < :now",
            "ExpressionAttributeValues": to_attributes({":now": int(now().timestamp())}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self._call("PutItem", payload)
        except ConditionFailedError as taken:
            return from_attributes(taken.item or {}).get("w") == mark
        return True

    def _call(self, operation: str, payload: Mapping[str, object]) -> dict[str, Any]:
        try:
            return self._client.dynamodb(operation, payload)
        except ConditionFailedError:
            raise
        except LeanError as exc:  # denied, no such table: as good as no answer
            raise UnavailableError(f"who calls cannot be looked up: {exc.code}") from exc
