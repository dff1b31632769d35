"""deploy: the trusted half of a deployment; also records the drops that quarantine did not survive."""

from functools import cache
from typing import Any

from fraud import settings
from fraud.aws.clients import client
from fraud.versions.arrivals import lost_in_quarantine, reports
from fraud.versions.intake import Intake
from fraud.versions.registry import Registry
from fraud.versions.store import ModelStore
from fraud.watch.alerts import Alerts


@cache
def told() -> settings.DeploySettings:
    return settings.read(settings.DeploySettings)


@cache
def store() -> ModelStore:
    return ModelStore(client("s3"), told().model_bucket)


@cache
def intake() -> Intake:
    alerts = Alerts(client("sns"), told().alert_topic_arn)
    return Intake(Registry(client("dynamodb"), told().registry_table), store(), alerts.publish, told().auto_activate_f1)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    records = event["Records"]
    from_queue = records[0]["eventSource"] == "aws:sqs"
    for report in lost_in_quarantine(records) if from_queue else reports(event, store()):
        intake().receive(report)
    return {"batchItemFailures": []}
