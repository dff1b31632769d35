"""pack: quarantine. The only function that opens a dropped artefact, in a child process of its own."""

from functools import cache
from typing import Any

from fraud import settings
from fraud.access.signing_store import SigningKeys
from fraud.aws.clients import client
from fraud.versions.drop_store import DropStore
from fraud.versions.drops import quarantine_drop
from fraud.versions.notices import notices
from fraud.versions.trust import Trust


@cache
def store() -> DropStore:
    return DropStore(client("s3"), settings.read(settings.PackSettings).model_bucket)


@cache
def trust() -> Trust:
    told = settings.read(settings.PackSettings)
    return Trust(SigningKeys(client("dynamodb"), told.registry_table).known, told.require_signature)


def handler(event: dict[str, Any], context: object) -> None:
    for notice in notices(event):
        quarantine_drop(store(), notice, trust())
