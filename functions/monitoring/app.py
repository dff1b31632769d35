"""monitoring: find request records."""

from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import LeanClient
from fraud.http import replies
from fraud.http.control import ControlApp, moment
from fraud.requests.archive import LogArchive
from fraud.requests.query import Filters, LogQuery
from fraud.scoring.store import ServingStore


@cache
def columns(version: str) -> tuple[str, ...]:
    told = settings.read(settings.MonitoringSettings)
    lean = LeanClient(told.aws_region, endpoint_url=told.aws_endpoint_url)
    return ServingStore(lean, told.registry_table, "").version(version).schema.names


@cache
def query() -> LogQuery:
    told = settings.read(settings.MonitoringSettings)
    archive = LogArchive(client("s3"), told.log_bucket)
    return LogQuery(client("dynamodb"), told.requests_table, archive, columns)


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


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return app.answer(event, context)
