"""feedback: what people tell us about transactions and alerts."""

from collections import Counter
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from fraud import settings
from fraud.aws.clients import client
from fraud.clock import now, rfc3339
from fraud.http import watch_replies
from fraud.http.control import ControlApp
from fraud.observability import log
from fraud.versions.registry.table import Table
from fraud.watch.alert_store import AlertStore
from fraud.watch.label_store import LabelStore
from fraud.watch.labels import Report


@cache
def told() -> settings.FeedbackSettings:
    return settings.read(settings.FeedbackSettings)


@cache
def labels() -> LabelStore:
    return LabelStore(client("dynamodb"), told().watch_table, Table(client("dynamodb"), told().requests_table))


app = ControlApp()


@app.post("/labels", summary="Say whether transactions were fraud; one label or a list")
@app.require("labels:write")
def take(asked: Annotated[watch_replies.LabelsRequest, Body()]) -> watch_replies.Labels:
    at = rfc3339(now())
    reports = [Report(**{**one.model_dump(), "reported_at": one.reported_at or at}) for one in asked.root]
    states = [labels().add(report) for report in reports]
    told_of = [
        {"transaction_id": one.transaction_id, "state": state} for one, state in zip(reports, states, strict=True)
    ]
    counts = Counter(states)
    log("labelled", states=dict(counts))
    return watch_replies.Labels.model_validate({"accepted": len(reports), **counts, "labels": told_of})


@app.post("/alerts/<alert_id>/ack", summary="Take care of an alert: no more reminders")
@app.require("metrics:read")
def acknowledge(alert_id: Annotated[str, Path()]) -> watch_replies.Alert:
    known = AlertStore(client("dynamodb"), told().watch_table).acknowledge(alert_id, app.caller)
    return watch_replies.Alert.model_validate(msgspec.to_builtins(known))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return app.answer(event, context)
