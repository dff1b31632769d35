"""batches: begin, watch, cancel and resume bulk batches; a file put under incoming/ begins one too."""

from datetime import timedelta
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import lean_client
from fraud.bulk import view
from fraud.bulk.file_store import FileStore
from fraud.bulk.job import Job
from fraud.bulk.job_store import JobStore
from fraud.bulk.messages import Queue
from fraud.bulk.start import MAX_BODY_BYTES, Starter
from fraud.http import bulk_replies, replies
from fraud.http.control import ControlApp
from fraud.scoring.store import ServingStore
from fraud.versions.notices import notices


@cache
def told() -> settings.BatchesSettings:
    return settings.read(settings.BatchesSettings)


@cache
def jobs() -> JobStore:
    return JobStore(client("dynamodb"), told().batches_table)


@cache
def files() -> FileStore:
    return FileStore(client("s3"), told().batch_bucket)


@cache
def starter() -> Starter:
    serving = ServingStore(lean_client(told().aws_region, told().aws_endpoint_url), told().registry_table, "")
    steps = Queue(client("sqs"), told().steps_queue_url)
    return Starter(jobs(), files(), steps, serving.active_version, timedelta(days=told().log_retention_days))


app = ControlApp(max_body_bytes=MAX_BODY_BYTES)
BatchId = Annotated[str, Path()]


def accepted(job: Job) -> Response[bulk_replies.Bulk]:
    return Response(202, content_types.APPLICATION_JSON, shown(job))


def shown(job: Job) -> bulk_replies.Bulk:
    return bulk_replies.Bulk.model_validate(view.shown(job, files().bucket))


@app.post("/batches", summary="Score many transactions, later", responses=replies.accepted(bulk_replies.Bulk))
@app.require("predict")
def begin(asked: Annotated[bulk_replies.BulkRequest, Body()]) -> Response[bulk_replies.Bulk]:
    return accepted(starter().begin(asked.transactions, asked.input, by=app.caller))


@app.get("/batches/<batch_id>", summary="How far a batch is")
@app.require("predict")
def watch(batch_id: BatchId) -> bulk_replies.Bulk:
    return shown(jobs().job(batch_id))


@app.post("/batches/<batch_id>/cancel", summary="Score no more of a batch")
@app.require("predict")
def cancel(batch_id: BatchId) -> bulk_replies.Bulk:
    return shown(jobs().cancel(batch_id))


@app.post(
    "/batches/<batch_id>/resume",
    summary="Score what a batch still lacks",
    responses=replies.accepted(bulk_replies.Bulk),
)
@app.require("predict")
def resume(batch_id: BatchId) -> Response[bulk_replies.Bulk]:
    return accepted(starter().resumed(batch_id))


@app.get("/batches/<batch_id>/results/<name>", summary="One file of the results", responses=bulk_replies.RESULT)
@app.require("predict")
def result(batch_id: BatchId, name: Annotated[str, Path()]) -> Response[str]:
    link = files().result_link(jobs().job(batch_id).batch_id, name)
    return Response(302, content_types.TEXT_PLAIN, "", headers={"Location": link})


def handler(event: dict[str, Any], context: object) -> dict[str, Any] | None:
    if "httpMethod" in event:
        return app.answer(event, context)
    for notice in notices(event):
        starter().from_notice(notice.key, notice.version_id)
    return None
