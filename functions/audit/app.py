"""audit: the history of control actions, whether it still holds, and its daily checkpoint."""

from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools.event_handler.openapi.params import Query

from fraud import settings
from fraud.audit.archive import CheckpointArchive
from fraud.aws.clients import client
from fraud.http import replies
from fraud.http.control import ControlApp
from fraud.observability import log
from fraud.versions.auditing import prove, seal
from fraud.versions.registry import Registry
from fraud.versions.views import audit_view
from fraud.watch.alerts import Alerts

app = ControlApp()


@cache
def told() -> settings.AuditSettings:
    return settings.read(settings.AuditSettings)


@cache
def registry() -> Registry:
    return Registry(client("dynamodb"), told().registry_table)


@cache
def archive() -> CheckpointArchive:
    return CheckpointArchive(client("s3"), told().audit_bucket)


@app.get("/audit", summary="Control actions, newest first")
@app.require("audit:read")
def audit(
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[int | None, Query(ge=1, description="as next_cursor gave it")] = None,
) -> replies.Audit:
    found = registry().audit_page(cursor, limit)
    following = str(found[-1].position) if found and found[-1].position > 1 else None
    return replies.Audit.model_validate({"entries": [audit_view(one) for one in found], "next_cursor": following})


@app.get("/audit/verify", summary="Whether the history still holds; names every entry that does not")
@app.require("audit:read")
def verify() -> replies.AuditProof:
    return replies.AuditProof.model_validate(msgspec.to_builtins(prove(registry(), archive())))


def checkpoint() -> None:
    proof, made = seal(registry(), archive())
    log("audit", intact=proof.intact, entries=proof.entries, checkpoint=made.number if made else None)
    if not proof.intact:
        facts = {str(one.sequence): f"{one.kind}: {one.words}" for one in proof.findings[:20]}
        Alerts(client("sns"), told().alert_topic_arn).publish("the audit chain does not hold", facts)


def handler(event: dict[str, Any], context: object) -> dict[str, Any] | None:
    if "httpMethod" in event:
        return app.answer(event, context)
    checkpoint()
    return None
