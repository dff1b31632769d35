"""health: named checks over HTTP and on a schedule; the API's own description."""

from functools import cache
from importlib import resources
from typing import Any

import msgspec
from aws_lambda_powertools.event_handler import Response, content_types

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import LeanClient
from fraud.http import docs, replies
from fraud.http.control import ControlApp
from fraud.observability import log, metrics
from fraud.scoring.live import LiveModels
from fraud.scoring.store import ServingStore
from fraud.watch.health import Report, examine
from fraud.watch.probes import probes

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
    def active_version() -> str | None:
        routing = store().routing()
        return routing.active if routing else None

    return examine(probes(client("dynamodb"), client("s3"), models, told()), active_version)


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


def tick() -> None:
    """One minute's check, as metrics and a log line."""
    report = examined()
    log("health", status=report.status, failing=[check.name for check in report.checks if check.status != "pass"])
    metrics({"Unhealthy": (float(report.status == "unhealthy"), "count")}, service="health")


def handler(event: dict[str, Any], context: object) -> dict[str, Any] | None:
    if "httpMethod" in event:
        return app.answer(event, context)
    tick()
    return None
