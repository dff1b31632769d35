"""health: named checks over HTTP and on a schedule; the API's own description."""

from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from aws_lambda_powertools.event_handler import Response, content_types

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import LeanClient
from fraud.clock import now
from fraud.http import docs, replies
from fraud.http.control import ControlApp
from fraud.scoring.live import LiveModels
from fraud.scoring.store import ServingStore
from fraud.versions.registry.table import Table
from fraud.watch.alert_store import AlertStore
from fraud.watch.alerts import Alerts
from fraud.watch.counter_store import CounterStore
from fraud.watch.health import Report, examine
from fraud.watch.label_store import LabelStore
from fraud.watch.probes import Probes
from fraud.watch.rules import rules
from fraud.watch.summary_store import SummaryStore
from fraud.watch.tick import Stores, Tick

app = ControlApp()


@cache
def told() -> settings.HealthSettings:
    return settings.read(settings.HealthSettings)


@cache
def store() -> ServingStore:
    lean = LeanClient(told().aws_region, endpoint_url=told().aws_endpoint_url)
    return ServingStore(lean, told().registry_table, told().model_bucket)


@cache
def models() -> LiveModels:
    return LiveModels(store(), cache_size=1, routing_seconds=0)


def examined() -> Report:
    @cache
    def active_version() -> str | None:
        routing = store().routing()
        return routing.active if routing else None

    return examine(Probes(client, models(), told()).checks(active_version), active_version)


def minute() -> Tick:
    dynamodb, table, kept = client("dynamodb"), told().watch_table, timedelta(days=told().metrics_retention_days)
    stores = Stores(
        CounterStore(dynamodb, table, kept),
        LabelStore(dynamodb, table, Table(dynamodb, told().requests_table)),
        AlertStore(dynamodb, table),
        SummaryStore(dynamodb, table),
    )
    tell, cooldown = Alerts(client("sns"), told().alert_topic_arn), timedelta(minutes=told().alert_cooldown_minutes)
    return Tick(stores, models(), store().version, tell, rules(told().alert_rules), cooldown)


@app.get("/health", summary="Named checks; 503 when unhealthy")
@app.public
def health() -> Response[replies.Health]:
    report = examined()
    body = replies.Health.model_validate(msgspec.to_builtins(report))
    status = 503 if report.status == "unhealthy" else 200
    return Response(status, content_types.APPLICATION_JSON, body)


@app.get("/health/live", summary="The function answers")
@app.public
def live() -> replies.Live:
    return replies.Live(status="alive")


@app.get("/openapi.json", include_in_schema=False)
@app.public
def openapi() -> Response[str]:
    text = resources.files("fraud.http").joinpath("openapi.json").read_text()
    return Response(200, content_types.APPLICATION_JSON, text)


@app.get("/docs", include_in_schema=False)
@app.public
def documentation() -> Response[str]:
    text = resources.files("fraud.http").joinpath("openapi.json").read_text()
    return Response(200, content_types.TEXT_HTML, docs.page(text))


def handler(event: dict[str, Any], context: object) -> dict[str, Any] | None:
    if "httpMethod" in event:
        return app.answer(event, context)
    minute().run(examined, now())
    return None
