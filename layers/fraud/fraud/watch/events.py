"""State changes as events: what the registry's stream shows goes to EventBridge and, where people should hear, SNS.

The registry is the outbox: an event exists because the change was committed, never because a function remembered to
send it. Delivery is at least once; `id` is the same each time, so a receiver can tell.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from fraud.access.webhook import sealed
from fraud.aws.lean.attributes import from_attributes
from fraud.breaker import Breaker
from fraud.clock import now, rfc3339
from fraud.errors import UnavailableError
from fraud.watch.alert_store import AlertStore
from fraud.watch.alerts import Alerts
from fraud.watch.rules import Alert, alert_id

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "fraud-detection"
AT_ONCE = 10
_ENDINGS = {"rejected": "ModelRejected", "held": "ModelHeld"}
_CHANGES = {
    "activate": "ModelActivated",
    "promote": "ModelActivated",
    "rollback": "ModelRolledBack",
    "rollout": "RolloutStarted",
    "step": "RolloutStepped",
    "abort": "RolloutAborted",
    "withdraw": "RolloutRolledBack",
    "complete": "RolloutCompleted",
    "experiment": "ExperimentStarted",
    "stop": "ExperimentStopped",
}
_ALERTING = {
    "ModelRejected": "warning",
    "ModelRolledBack": "critical",
    "ModelCondemned": "critical",
    "RolloutRolledBack": "critical",
}


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One state change."""

    id: str
    kind: str
    version: str
    at: str = ""
    reason: str = ""
    previous_version: str | None = None
    revision: int | None = None
    deployment_id: str | None = None
    sha256: str | None = None


def events_of(records: Iterable[dict[str, Any]]) -> Iterator[Event]:
    """The events in a batch of the registry's stream, in order."""
    for record in records:
        image = record["dynamodb"].get("NewImage")
        event = _event(from_attributes(image)) if image and record["eventName"] in ("INSERT", "MODIFY") else None
        if event:
            yield event


def _event(item: dict[str, Any]) -> Event | None:
    pk, sk = item["pk"], item["sk"]
    identity = f"{pk}/{sk}"
    if pk.startswith("VERSION#") and sk == "META":
        return Event(
            id=identity, kind="ModelRegistered", version=item["version"], at=item["created_at"], sha256=item["sha256"]
        )
    if pk.startswith("VERSION#") and sk == "CONDEMNED":
        return _condemned(identity, item)
    if pk.startswith("VERSION#") and sk.startswith("APPROVAL#"):
        told = {"at": item["at"], "reason": f"by {item['by']}: {item['why']}"}
        return Event(id=identity, kind="ModelApproved", version=pk.removeprefix("VERSION#"), **told)
    if pk == "ROUTING" and sk.startswith("REV#"):
        return _change(identity, item)
    if pk.startswith("DEPLOYMENT#") and item["state"] in _ENDINGS:
        return _ending(identity, item)
    return None


def _condemned(identity: str, item: dict[str, Any]) -> Event:
    """A condemnation, or the pardon of one; a version may be condemned again, hence the moment in the id."""
    pardoned = "pardoned_at" in item
    moment, why = ("pardoned_at", "pardoned_why") if pardoned else ("at", "why")
    at = str(item.get(moment, ""))
    return Event(
        id=f"{identity}@{at}",
        kind="ModelPardoned" if pardoned else "ModelCondemned",
        version=item["pk"].removeprefix("VERSION#"),
        at=at,
        reason=str(item.get(why, "")),
    )


def _change(identity: str, item: dict[str, Any]) -> Event:
    return Event(
        id=identity,
        kind=_CHANGES[item["kind"]],
        version=item.get("subject", item["active"]),
        at=item["at"],
        reason=item["why"],
        previous_version=item["previous"],
        revision=int(item["revision"]),
    )


def _ending(identity: str, item: dict[str, Any]) -> Event:
    return Event(
        id=identity,
        kind=_ENDINGS[item["state"]],
        version=item["version"],
        at=msgspec.json.decode(item["record"]).get("created_at", ""),
        reason=str(item["reason"]),
        deployment_id=item["pk"].removeprefix("DEPLOYMENT#"),
        sha256=item["drop_sha256"],
    )


def _alert(event: Event) -> Alert:
    at = event.at or rfc3339(now())
    return Alert(
        id=alert_id(at, f"{event.kind}-{event.version}"),
        rule=event.kind,
        severity=_ALERTING[event.kind],
        state="firing",
        metric=event.version,
        value=1.0,
        threshold=0.0,
        opened_at=at,
        notified_at=at,
        reason=event.reason,
    )


class Announcer:
    """Sends signed events to the bus; those people should hear of to the alert topic and among the alerts, too."""

    def __init__(
        self, client: "EventBridgeClient", bus: str, alerts: Alerts, kept: AlertStore, secret: Callable[[], str]
    ) -> None:
        self._client, self._bus, self._alerts, self._kept, self._secret = client, bus, alerts, kept, secret
        self._breaker = Breaker("the event bus")

    def announce(self, events: Iterable[Event]) -> int:
        """Send them all; raises UnavailableError when the bus did not take every one (the batch comes again).

        People hear first, and once although the batch comes again: the bus is what one can do without for a while.
        """
        told = list(events)
        for event in told:
            if event.kind in _ALERTING:
                self._tell(event)
        for start in range(0, len(told), AT_ONCE):
            part = told[start : start + AT_ONCE]
            self._breaker.call(lambda part=part: self._put(part))  # type: ignore[misc]
        return len(told)

    def _tell(self, event: Event) -> None:
        alert = _alert(event)
        if self._kept.holds(alert.id):
            return
        facts = {name: str(value) for name, value in msgspec.to_builtins(event).items()}
        self._alerts.publish(f"{event.kind} {event.version}", facts)
        self._kept.note(alert)

    def _put(self, events: list[Event]) -> None:
        secret, at = self._secret(), int(now().timestamp())
        entries = [
            {
                "Source": SOURCE,
                "DetailType": event.kind,
                "Detail": msgspec.json.encode(sealed(secret, event.id, at, msgspec.to_builtins(event))).decode(),
                "EventBusName": self._bus,
            }
            for event in events
        ]
        answer = self._client.put_events(Entries=entries)  # type: ignore[arg-type]
        if answer["FailedEntryCount"]:
            raise UnavailableError(f"the event bus refused {answer['FailedEntryCount']} of {len(entries)} events")
