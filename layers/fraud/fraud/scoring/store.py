"""What `predict` reads: the routing record, a version's record, and its packed bytes."""

import hashlib
import hmac
from collections.abc import Iterator

import msgspec

from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.aws.lean.client import LeanClient
from fraud.errors import InvalidPackedModelError, NoActiveModelError, VersionNotFoundError
from fraud.traffic.routing import Routing
from fraud.versions import keys
from fraud.versions.version import ModelVersion


class ServingStore:
    """Reads through the lean client; raises UnavailableError when AWS does not answer."""

    def __init__(self, client: LeanClient, registry_table: str, model_bucket: str) -> None:
        self._client, self._table, self._bucket = client, registry_table, model_bucket

    def routing(self) -> Routing | None:
        """The current routing record, None before the first activation."""
        item = self._item(keys.ROUTING, keys.CURRENT)
        return msgspec.convert(item, Routing) if item else None

    def active_version(self) -> str:
        """The active version's name; raises NoActiveModelError."""
        routing = self.routing()
        if routing is None:
            raise NoActiveModelError
        return routing.active

    def served_before(self, routing: Routing) -> Iterator[str]:
        """The versions of earlier positions, the nearest first, but for the active one and those condemned."""
        parent = routing.parent
        while parent is not None:
            earlier = msgspec.convert(self._item(keys.ROUTING, keys.revision_sk(parent)), Routing)
            if earlier.active != routing.active and not self._condemned(earlier.active):
                yield earlier.active
            parent = earlier.parent

    def version(self, version: str) -> ModelVersion:
        """The registered record; raises VersionNotFoundError."""
        item = self._item(keys.version_pk(version), keys.META)
        if item is None:
            raise VersionNotFoundError(version)
        record: ModelVersion = msgspec.json.decode(str(item["record"]), type=ModelVersion)
        return record

    def packed(self, version: ModelVersion) -> bytes:
        """The packed model's bytes; InvalidPackedModelError when they are not the bytes that were registered."""
        data = self._client.get_object(self._bucket, version.packed_key)
        if not hmac.compare_digest(hashlib.sha256(data).hexdigest(), version.packed_sha256):
            raise InvalidPackedModelError(f"{version.packed_key} is not the registered object: its SHA-256 differs")
        return data

    def _condemned(self, version: str) -> bool:
        item = self._item(keys.version_pk(version), keys.CONDEMNED)
        return item is not None and "pardoned_at" not in item

    def _item(self, pk: str, sk: str) -> dict[str, object] | None:
        reply = self._client.dynamodb(
            "GetItem",
            {"TableName": self._table, "Key": to_attributes({"pk": pk, "sk": sk}), "ConsistentRead": True},
        )
        item = reply.get("Item")
        return from_attributes(item) if item else None
