"""alerts: from the alert topic to PagerDuty and Slack."""

from functools import cache
from typing import Any

import msgspec

from fraud import settings
from fraud.aws.clients import client
from fraud.observability import log
from fraud.watch.delivery import Deliverer, Targets, facts_of, messages


@cache
def told() -> settings.AlertsSettings:
    return settings.read(settings.AlertsSettings)


@cache
def targets() -> Targets:
    if not told().alert_secret_arn:
        return Targets()
    secret = client("secretsmanager").get_secret_value(SecretId=told().alert_secret_arn)["SecretString"]
    return msgspec.json.decode(secret, type=Targets)


@cache
def deliverer() -> Deliverer:
    return Deliverer()


def handler(event: dict[str, Any], context: object) -> None:
    for record in event["Records"]:
        facts = facts_of(record["Sns"]["Message"])
        receivers = deliverer().deliver(messages(facts, targets(), f"fraud-{told().stage}"))
        log("alert_delivered", id=facts.get("id"), receivers=receivers)
