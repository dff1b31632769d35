"""deploy: the trusted half of a deployment, and the webhook through which CI begins one."""

from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Body

from fraud import settings
from fraud.access.signing_store import SigningKeys
from fraud.aws.clients import client
from fraud.http import replies, version_replies
from fraud.http.control import ControlApp
from fraud.versions.arrivals import lost_in_quarantine, reports
from fraud.versions.intake import Intake
from fraud.versions.registry import Registry
from fraud.versions.store import ModelStore
from fraud.versions.submission import Submission, Webhook
from fraud.versions.submission_store import SubmissionStore
from fraud.versions.trust import Trust
from fraud.versions.views import deployment_view


@cache
def told() -> settings.DeploySettings:
    return settings.read(settings.DeploySettings)


@cache
def registry() -> Registry:
    return Registry(client("dynamodb"), told().registry_table)


@cache
def store() -> ModelStore:
    return ModelStore(client("s3"), told().model_bucket)


@cache
def webhook() -> Webhook:
    buckets = (told().model_bucket, *filter(None, [told().model_source_bucket]))
    return Webhook(registry(), SubmissionStore(client("s3"), told().model_bucket), buckets)


app = ControlApp()


@app.post(
    "/deploy",
    summary="Begin the deployment of a model that lies in S3",
    responses=replies.accepted(version_replies.Deployment),
)
@app.require("models:deploy")
def deploy(asked: Annotated[version_replies.DeployRequest, Body()]) -> Response[version_replies.Deployment]:
    begun = webhook().submit(msgspec.convert(asked.model_dump(exclude_none=True), Submission), by=app.caller)
    body = version_replies.Deployment.model_validate(deployment_view(begun))
    return Response(202, content_types.APPLICATION_JSON, body)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    if "httpMethod" in event:
        return app.answer(event, context)
    records = event["Records"]
    from_queue = records[0]["eventSource"] == "aws:sqs"
    trust = Trust(SigningKeys(client("dynamodb"), told().registry_table).known, told().require_signature)
    intake = Intake(registry(), store(), trust, told().auto_activate_f1)
    for report in lost_in_quarantine(records) if from_queue else reports(event, store()):
        intake.receive(report)
    return {"batchItemFailures": []}
