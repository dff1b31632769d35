"""Alerts in the formats of those who wake people: PagerDuty Events API v2 and Slack incoming webhooks.

https://developer.pagerduty.com/docs/events-api-v2-overview ; https://api.slack.com/messaging/webhooks
"""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from fraud.breaker import Breaker
from fraud.errors import UnavailableError
from fraud.observability import log

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
SLACK_PREFIX = "https://hooks.slack.com/"
TIMEOUT_SECONDS = 5.0
SEVERITIES = {"critical": "critical", "warning": "warning", "info": "info"}
Facts = Mapping[str, str]
Send = Callable[[str, bytes], None]


class Targets(msgspec.Struct, frozen=True):
    """What the secret holds; an empty field is a target that is not used."""

    pagerduty_routing_key: str = ""
    slack_webhook_url: str = ""


def facts_of(message: str) -> Facts:
    """The facts of a message on the alert topic: ours as they are, those of a CloudWatch alarm in our words."""
    told = msgspec.json.decode(message, type=dict[str, Any])
    if "AlarmName" not in told:
        return {name: str(value) for name, value in told.items()}
    state = "recovered" if told["NewStateValue"] == "OK" else "firing"
    return {
        "subject": f"{state} critical {told['AlarmName']}",
        "id": told["AlarmName"],
        "state": state,
        "severity": "critical",
        "detail": str(told.get("AlarmDescription") or told.get("NewStateReason", "")),
    }


def messages(facts: Facts, targets: Targets, source: str) -> Iterator[tuple[str, bytes]]:
    """The requests an alert becomes: URL and body."""
    if targets.pagerduty_routing_key:
        yield PAGERDUTY_URL, msgspec.json.encode(pagerduty(facts, targets.pagerduty_routing_key, source))
    if targets.slack_webhook_url.startswith(SLACK_PREFIX):
        yield targets.slack_webhook_url, msgspec.json.encode(slack(facts, source))


def pagerduty(facts: Facts, routing_key: str, source: str) -> dict[str, Any]:
    """An event that opens, repeats or resolves the incident of one alert: they share the key."""
    subject = facts.get("subject", "alert")
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": "resolve" if facts.get("state") == "recovered" else "trigger",
        "dedup_key": facts.get("id", subject)[:255],
    }
    if event["event_action"] == "resolve":
        return event
    severity = SEVERITIES.get(facts.get("severity", ""), "warning")
    payload = {"summary": subject[:1024], "source": source, "severity": severity, "custom_details": dict(facts)}
    return {**event, "payload": payload}


def slack(facts: Facts, source: str) -> dict[str, Any]:
    """One message: the subject in bold, the facts below it."""
    subject = _plain(facts.get("subject", "alert"))
    told = "\n".join(f"• {name}: {_plain(value)}" for name, value in facts.items() if name != "subject")
    text = f"*{subject}* ({source})\n{told}"
    return {
        "text": f"{subject} ({source})",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}],
    }


class Deliverer:
    """Sends to receivers, each behind a breaker of its own, so that one that is away costs the others no time."""

    def __init__(self, send: Send | None = None) -> None:
        self._send, self._breakers = send or post, dict[str, Breaker]()

    def deliver(self, requests: Iterable[tuple[str, bytes]]) -> int:
        """Send them all; how many.

        When all were tried and one was not taken it raises UnavailableError, so that the alert comes again, to the
        others too.
        """
        outcomes = [self._failure(url, body) for url, body in requests]
        for error in filter(None, outcomes):
            raise error
        return len(outcomes)

    def _failure(self, url: str, body: bytes) -> UnavailableError | None:
        host = urlsplit(url).netloc  # of the path Slack makes a secret
        breaker = self._breakers.setdefault(host, Breaker(host))
        try:
            breaker.call(lambda: self._send(url, body))
        except UnavailableError as error:
            log("alert_not_taken", level="ERROR", receiver=host, why=error.message)
            return error
        return None


def post(url: str, body: bytes) -> None:
    """Send one request; raises UnavailableError when it is not taken, so that it is tried again."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 -- https only, above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return
    except urllib.error.HTTPError as exc:
        raise UnavailableError(f"the receiver of alerts answered {exc.code}") from exc
    except OSError as exc:
        raise UnavailableError("the receiver of alerts does not answer") from exc


def _plain(text: str) -> str:
    """Slack's three control characters as text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
