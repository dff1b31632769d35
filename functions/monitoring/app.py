"""monitoring: find request records, report what was counted."""

from datetime import timedelta
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import LeanClient
from fraud.clock import now
from fraud.http import replies, watch_replies
from fraud.http.control import ControlApp, moment
from fraud.requests.archive import LogArchive
from fraud.requests.query import Filters, LogQuery
from fraud.scoring.store import ServingStore
from fraud.watch import prometheus, reports
from fraud.watch.alert_store import AlertStore
from fraud.watch.counter_store import CounterStore
from fraud.watch.summary_store import UNUSUAL, SummaryStore

Hours = Annotated[int, Query(ge=1, le=720, description="hours to look back, besides the present one")]


@cache
def told() -> settings.MonitoringSettings:
    return settings.read(settings.MonitoringSettings)


@cache
def columns(version: str) -> tuple[str, ...]:
    lean = LeanClient(told().aws_region, endpoint_url=told().aws_endpoint_url)
    return ServingStore(lean, told().registry_table, "").version(version).schema.names


@cache
def query() -> LogQuery:
    return LogQuery(client("dynamodb"), told().requests_table, LogArchive(client("s3"), told().log_bucket), columns)


@cache
def counters() -> CounterStore:
    return CounterStore(client("dynamodb"), told().watch_table, timedelta(days=told().metrics_retention_days))


app = ControlApp()


@app.get("/logs", summary="Request records, newest first")
@app.require("logs:read")
def logs(
    transaction_id: Annotated[str | None, Query()] = None,
    status_code: Annotated[int | None, Query()] = None,
    model_version: Annotated[str | None, Query()] = None,
    since: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
    until: Annotated[str | None, Query(alias="to", description="RFC 3339")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query()] = None,
) -> replies.Logs:
    filters = Filters(
        transaction_id=transaction_id,
        status_code=status_code,
        model_version=model_version,
        since=moment("from", since) or "",
        until=moment("to", until) or "9999",
    )
    lines, following = query().page(filters, limit=limit, cursor=cursor)
    return replies.Logs(logs=lines, next_cursor=following)


@app.get("/metrics/performance", summary="Requests, failures and latencies of the last hours")
@app.require("metrics:read")
def performance(hours: Hours = 24) -> watch_replies.Performance:
    at = now()
    found = list(counters().slices(*reports.window(hours, at)))
    return watch_replies.Performance.model_validate(reports.performance(found, hours, at))


@app.get("/metrics/business", summary="Transactions, frauds and amounts of the last hours")
@app.require("metrics:read")
def business(hours: Hours = 24) -> watch_replies.Business:
    at = now()
    found = list(counters().slices(*reports.window(hours, at)))
    unusual = SummaryStore(client("dynamodb"), told().watch_table).found().get(UNUSUAL, {"anomalies": []})
    report = {**reports.business(found, hours, at), "anomalies": unusual["anomalies"]}
    return watch_replies.Business.model_validate(report)


@app.get("/metrics/model", summary="Health, drift and quality of the active version")
@app.require("metrics:read")
def model() -> watch_replies.Model:
    summaries = SummaryStore(client("dynamodb"), told().watch_table)
    return watch_replies.Model.model_validate(reports.model(summaries.found()))


@app.get("/alerts", summary="Alerts, newest first")
@app.require("metrics:read")
def alerts(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> watch_replies.Alerts:
    found = AlertStore(client("dynamodb"), told().watch_table).alerts(limit)
    return watch_replies.Alerts.model_validate({"alerts": msgspec.to_builtins(found)})


@app.get("/metrics", summary="Everything counted, as Prometheus text", responses=watch_replies.PROMETHEUS)
@app.require("metrics:read")
def metrics() -> Response[str]:
    summaries = SummaryStore(client("dynamodb"), told().watch_table).found()
    text = prometheus.exposition([*prometheus.of_totals(counters().totals()), *prometheus.of_summaries(summaries)])
    return Response(200, prometheus.CONTENT_TYPE, text)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return app.answer(event, context)
