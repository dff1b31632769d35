"""Which scopes an API key has: the client record stored under the key's SHA-256, never the key itself."""

import hashlib
import time
from typing import TYPE_CHECKING

import msgspec

from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.errors import NotAllowedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CACHE_SECONDS = 60.0
EVERYTHING = "*"
DEFAULT_SCOPES = ("predict", "labels:write", "models:read", "logs:read", "metrics:read")


class Client(msgspec.Struct, frozen=True):
    """A caller: a name for histories and the scopes it was given."""

    name: str
    scopes: tuple[str, ...]


UNREGISTERED = Client("unregistered", DEFAULT_SCOPES)
ADMIN = Client("admin", (EVERYTHING,))
SCORING = Client("scoring", DEFAULT_SCOPES)


class Scopes:
    """Looks clients up, at most 60 s behind the table.

    A key that API Gateway knows but nobody registered may predict and read, never change anything.
    """

    def __init__(self, client: "DynamoDBClient", registry_table: str) -> None:
        self._client, self._table = client, registry_table
        self._known: dict[str, tuple[float, Client]] = {}

    def require(self, api_key: str, scope: str) -> None:
        """Raise NotAllowedError unless the key's client has the scope."""
        found = self.client(api_key)
        if scope not in found.scopes and EVERYTHING not in found.scopes:
            raise NotAllowedError(f"client {found.name} has no scope {scope}")

    def client(self, api_key: str) -> Client:
        """The client of a key."""
        partition = _partition(api_key)
        until, held = self._known.get(partition, (0.0, UNREGISTERED))
        if time.monotonic() < until:
            return held
        found = self._read(partition)
        self._known[partition] = (time.monotonic() + CACHE_SECONDS, found)
        return found

    def register(self, api_key: str, client: Client) -> None:
        """Say what a key may do; the key itself is never stored."""
        item = {"pk": _partition(api_key), "sk": "META", **msgspec.structs.asdict(client)}
        self._client.put_item(TableName=self._table, Item=to_attributes(item))

    def _read(self, partition: str) -> Client:
        key = to_attributes({"pk": partition, "sk": "META"})
        item = self._client.get_item(TableName=self._table, Key=key).get("Item")
        return msgspec.convert(from_attributes(item), Client) if item else UNREGISTERED


def _partition(api_key: str) -> str:
    return f"CLIENT#{hashlib.sha256(api_key.encode()).hexdigest()}"
