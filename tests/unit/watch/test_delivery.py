"""Alerts in the formats of others."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from fraud.errors import UnavailableError
from fraud.watch.delivery import PAGERDUTY_URL, Deliverer, Targets, facts_of, messages, post

FACTS = {"subject": "firing critical <errors>", "id": "20261122-errors", "state": "firing", "severity": "critical"}
BOTH = Targets(pagerduty_routing_key="R" * 32, slack_webhook_url="https://hooks.slack.com/services/T/B/x")


def test_an_opening_triggers_and_a_recovery_resolves_the_same_incident() -> None:
    [(url, opened), _] = messages(FACTS, BOTH, "fraud-dev")
    [(_, closed), _] = messages({**FACTS, "state": "recovered"}, BOTH, "fraud-dev")
    trigger, resolve = json.loads(opened), json.loads(closed)
    assert url == PAGERDUTY_URL
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert trigger["dedup_key"] == resolve["dedup_key"] == "20261122-errors"
    assert trigger["payload"]["severity"] == "critical"
    assert set(trigger["payload"]) == {"summary", "source", "severity", "custom_details"}


def test_an_alarm_of_cloudwatch_is_told_in_the_same_words() -> None:
    alarm = {
        "AlarmName": "fraud-Unhealthy",
        "AlarmDescription": "no tick",
        "NewStateValue": "ALARM",
        "Trigger": {"Period": 60},
    }
    assert facts_of(json.dumps(alarm))["state"] == "firing"
    assert facts_of(json.dumps({**alarm, "NewStateValue": "OK"}))["state"] == "recovered"
    assert facts_of(json.dumps({"subject": "x", "revision": 3})) == {"subject": "x", "revision": "3"}


def test_slack_gets_text_not_markup() -> None:
    [_, (url, body)] = messages(FACTS, BOTH, "fraud-dev")
    assert url == BOTH.slack_webhook_url
    assert "&lt;errors&gt;" in json.loads(body)["text"]


@pytest.mark.parametrize("targets", [Targets(), Targets(slack_webhook_url="http://169.254.169.254/latest")])
def test_nothing_is_sent_to_nobody_nor_to_strange_addresses(targets: Targets) -> None:
    assert list(messages(FACTS, targets, "fraud-dev")) == []


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    class Busy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(202 if self.path == "/taken" else 429)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Busy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_not_taken_is_an_error_so_that_it_comes_again(receiver: HTTPServer) -> None:
    url = f"http://127.0.0.1:{receiver.server_port}"
    post(f"{url}/taken", b"{}")
    with pytest.raises(UnavailableError, match="429"):
        post(f"{url}/busy", b"{}")


def test_one_receiver_that_is_away_keeps_no_alert_from_the_other_and_is_not_waited_for() -> None:
    # GIVEN two receivers, of which the first is away
    asked: list[str] = []

    def send(url: str, body: bytes) -> None:
        asked.append(url)
        if url == PAGERDUTY_URL:
            raise UnavailableError("no answer within 5 s")

    deliverer = Deliverer(send)

    # WHEN an alert is delivered, again and again as its event comes again
    for _ in range(5):
        with pytest.raises(UnavailableError):
            deliverer.deliver(messages(FACTS, BOTH, "fraud-dev"))

    # THEN the other one got it each time, and the first one was asked three times only
    assert asked.count(BOTH.slack_webhook_url) == 5
    assert asked.count(PAGERDUTY_URL) == 3


def test_what_both_receivers_take_is_delivered() -> None:
    assert Deliverer(lambda url, body: None).deliver(messages(FACTS, BOTH, "fraud-dev")) == 2
