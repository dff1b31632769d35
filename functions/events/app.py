"""events: the registry's stream becomes EventBridge events and alerts."""

from functools import cache
from typing import Any

from fraud import settings
from fraud.access.webhook import EVENTS, derived_secret
from fraud.aws.clients import client
from fraud.observability import log
from fraud.watch.alert_store import AlertStore
from fraud.watch.alerts import Alerts
from fraud.watch.events import Announcer, events_of


@cache
def secret() -> str:
    told = settings.read(settings.EventsSettings)
    master = client("secretsmanager").get_secret_value(SecretId=told.signing_secret_arn)["SecretString"]
    return derived_secret(master, EVENTS)


@cache
def announcer() -> Announcer:
    told = settings.read(settings.EventsSettings)
    topic, kept = Alerts(client("sns"), told.alert_topic_arn), AlertStore(client("dynamodb"), told.watch_table)
    return Announcer(client("events"), told.event_bus, topic, kept, secret)


def handler(event: dict[str, Any], context: object) -> None:
    log("announced", events=announcer().announce(events_of(event["Records"])))
