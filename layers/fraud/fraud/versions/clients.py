"""Clients and their keys: issue, rotate with overlap, revoke."""

import secrets
import zlib
from collections.abc import Iterable

import msgspec

from fraud.access.client import ADMIN, SCOPES, SCORING, Client, digest
from fraud.clock import now, rfc3339
from fraud.errors import InvalidRequestError, NotFoundError, Problem
from fraud.versions.registry import Registry
from fraud.versions.registry.clients import Known

KEY_PREFIX = "frd_"
RANDOM_CHARACTERS = 32  # of 62: 190 bits
CHECK_CHARACTERS = 6
NAME_MAX = 64
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_key() -> str:
    """A random key that secret scanners can find: `frd_`, 190 random bits, and their CRC-32, all in base 62."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return KEY_PREFIX + random + _check(random)


def looks_issued(key: str) -> bool:
    """Whether a text has the form and checksum of `new_key`."""
    random = key.removeprefix(KEY_PREFIX)[:-CHECK_CHARACTERS]
    return key == KEY_PREFIX + random + _check(random) and len(random) == RANDOM_CHARACTERS


def new_client(name: str, scopes: Iterable[str], *, not_after: int | None, signs: bool) -> Client:
    """A client record made now; raises InvalidRequestError for a name or scope that may not be."""
    if not 0 < len(name) <= NAME_MAX or not all(letter.isalnum() or letter in "-_.@" for letter in name):
        raise _refused("client", f"must have 1 to {NAME_MAX} letters, digits, '-', '_', '.' or '@'")
    wanted = tuple(scopes)
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise _refused("scopes", f"{', '.join(unknown) or 'none'}: choose from {', '.join(SCOPES)}")
    return Client(name, wanted, created_at=rfc3339(now()), not_after=not_after, signs=signs)


def create(registry: Registry, api_key: str, client: Client, *, actor: str) -> None:
    """Register a new key."""
    registry.put_clients("key_created", Known(digest(api_key), client), actor=actor)


def standing(registry: Registry, name: str) -> list[Known]:
    """The keys of a client that are neither revoked nor expired; raises NotFoundError when there are none."""
    at = now().timestamp()
    of_name = (known for known in registry.clients() if known.client.name == name)
    found = [
        known
        for known in of_name
        if known.client.revoked_at is None and (known.client.not_after is None or at < known.client.not_after)
    ]
    if not found:
        raise NotFoundError(f"client {name} has no key that is still good")
    return found


def rotate(registry: Registry, old: list[Known], api_key: str, key_id: str, *, overlap: int, actor: str) -> Client:
    """A new key with the rights of the newest old one, which all end after `overlap` seconds; one transaction."""
    newest = max(old, key=lambda known: known.client.created_at).client
    fresh = msgspec.structs.replace(newest, key_id=key_id, created_at=rfc3339(now()))
    last = int(now().timestamp()) + overlap
    ending = [
        Known(key, msgspec.structs.replace(client, not_after=min(client.not_after or last, last)))
        for key, client in old
    ]
    registry.put_clients("key_rotated", Known(digest(api_key), fresh), *ending, actor=actor)
    return fresh


def revoke(registry: Registry, old: list[Known], *, actor: str, why: str) -> None:
    """Keys count no more, within 60 s everywhere; for ever."""
    at = rfc3339(now())
    gone = [Known(key, msgspec.structs.replace(client, revoked_at=at)) for key, client in old]
    registry.put_clients("key_revoked", *gone, actor=actor, why=why)


def register_stack_keys(registry: Registry, admin_key: str, client_key: str, *, actor: str) -> None:
    """Say what the two keys made with the stack may do; written once, and again only when it changed."""
    for key, client in ((admin_key, ADMIN), (client_key, SCORING)):
        if registry.find_client(digest(key)) != client:
            registry.put_clients("key_registered", Known(digest(key), client), actor=actor)


def _check(random: str) -> str:
    number, written = zlib.crc32(random.encode()), ""
    for _ in range(CHECK_CHARACTERS):
        number, index = divmod(number, len(_ALPHABET))
        written = _ALPHABET[index] + written
    return written


def _refused(field: str, words: str) -> InvalidRequestError:
    return InvalidRequestError(f"{field} {words}", details=[Problem(field, words)])
