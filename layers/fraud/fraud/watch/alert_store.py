"""Alerts in the watch table: the last one of each rule decides, under a condition, who tells people."""

from datetime import datetime, timedelta

import msgspec

from fraud.clock import now, rfc3339
from fraud.errors import ChangedMeanwhileError, NotFoundError
from fraud.requests.record import Item
from fraud.versions.registry.table import Table
from fraud.watch.rules import Alert, Rule, following

LAST, ALERTS = "ALERT", "ALERTS"
KEPT = timedelta(days=90)
ATTEMPTS = 8


class AlertStore(Table):
    """Opens, closes, acknowledges and lists alerts."""

    def settle(self, rule: Rule, value: float | None, at: datetime, cooldown: timedelta) -> Alert | None:
        """What a rule's value makes of its alert; the alert when this call is the one that must tell people.

        Of many calls at once one wins: it alone gets the alert.
        """
        found = self.get(LAST, rule.name)
        decided = following(rule, value, _alert(found) if found else None, at, cooldown)
        if decided is None:
            return None
        alert, tell = decided
        if self.transact([self._last(alert, found), self.put_any(_item(ALERTS, alert.id, alert, 0))]) is not None:
            return None
        return alert if tell else None

    def note(self, alert: Alert) -> None:
        """Keep an alert that no rule opened; the same id again changes nothing."""
        self.transact([self.put_new(_item(ALERTS, alert.id, alert, 0))])

    def holds(self, alert_id: str) -> bool:
        """Whether an alert of this id is kept."""
        return self.get(ALERTS, alert_id) is not None

    def acknowledge(self, alert_id: str, by: str) -> Alert:
        """Somebody takes care: no more reminders. Raises NotFoundError, ChangedMeanwhileError."""
        for _ in range(ATTEMPTS):
            alert = self._known(alert_id)
            if alert.acknowledged_at:
                return alert
            told = msgspec.structs.replace(alert, acknowledged_at=rfc3339(now()), acknowledged_by=by)
            found = self.get(LAST, alert.rule)
            current = [self._last(told, found)] if found and _alert(found).id == alert_id else []
            if self.transact([*current, self.put_any(_item(ALERTS, alert_id, told, 0))]) is None:
                return told
        raise ChangedMeanwhileError("the alert kept changing: try again")

    def alerts(self, limit: int) -> list[Alert]:
        """Alerts, newest first."""
        return [_alert(item) for item, _ in zip(self.query(ALERTS, newest_first=True), range(limit), strict=False)]

    def _known(self, alert_id: str) -> Alert:
        item = self.get(ALERTS, alert_id)
        if item is None:
            raise NotFoundError(f"there is no alert {alert_id[:100]}")
        return _alert(item)

    def _last(self, alert: Alert, found: Item | None) -> Item:
        written = int(found["written"]) + 1 if found else 1
        item = _item(LAST, alert.rule, alert, written)
        return self.put(item, "written = :read", {":read": found["written"]}) if found else self.put_new(item)


def _item(pk: str, sk: str, alert: Alert, written: int) -> Item:
    expiry = int((now() + KEPT).timestamp())
    return {"pk": pk, "sk": sk, "alert": msgspec.json.encode(alert).decode(), "written": written, "expires_at": expiry}


def _alert(item: Item) -> Alert:
    return msgspec.json.decode(item["alert"], type=Alert)
