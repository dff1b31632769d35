"""events: the registry's stream becomes EventBridge events and alerts."""

from functools import cache
from typing import Any

from fraud import settings
from fraud.aws.clients import client
from fraud.observability import log
from fraud.watch.alerts import Alerts
from fraud.watch.events import Announcer, events_of


@cache
def announcer() -> Announcer:
    told = settings.read(settings.EventsSettings)
    return Announcer(client("events"), told.event_bus, Alerts(client("sns"), told.alert_topic_arn))


def handler(event: dict[str, Any], context: object) -> None:
    log("announced", events=announcer().announce(events_of(event["Records"])))
