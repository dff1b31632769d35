"""events: every committed change is announced once it is committed; refusals and rollbacks alert people too."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from fraud.access.webhook import EVENTS, derived_secret, sign
from fraud.errors import UnavailableError
from fraud.watch.alert_store import AlertStore
from fraud.watch.events import _alert, events_of
from tests.functional.conftest import Stack

Event = Callable[..., dict[str, Any]]


@pytest.fixture
def heard(stack: Stack) -> Callable[[], tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """What arrives on the bus and at the topic."""
    sqs: Any = boto3.client("sqs")
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("bus", "topic")]
    arns = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"] for url in urls
    ]
    bus = boto3.client("events")
    bus.put_rule(Name="all", EventBusName=stack.bus, EventPattern='{"source": ["fraud-detection"]}')
    bus.put_targets(Rule="all", EventBusName=stack.bus, Targets=[{"Id": "queue", "Arn": arns[0]}])
    boto3.client("sns").subscribe(TopicArn=stack.topic, Protocol="sqs", Endpoint=arns[1])

    def read(url: str) -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    return lambda: (read(urls[0]), read(urls[1]))


def test_each_change_is_one_event_and_a_refusal_alerts(stack: Stack, event: Event, heard: Any) -> None:
    stack.call("events", event("events_registry"))
    events, alerts = heard()
    assert [(one["detail-type"], one["detail"]["version"]) for one in events] == [
        ("ModelRegistered", "v1.0.0"),
        ("ModelActivated", "v1.0.0"),
        ("ModelRejected", "v1.1.0"),
    ]
    [alert] = [json.loads(one["Message"]) for one in alerts]
    assert (alert["subject"], alert["reason"]) == ("ModelRejected v1.1.0", "unsupported_model: SVC")


def test_an_alert_about_a_change_is_kept_among_the_others(stack: Stack, event: Event) -> None:
    stack.call("events", event("events_registry"))

    [kept] = AlertStore(boto3.client("dynamodb"), "Watch").alerts(9)

    assert (kept.rule, kept.metric, kept.severity) == ("ModelRejected", "v1.1.0", "warning")
    assert kept.reason == "unsupported_model: SVC"


def test_an_event_is_signed_over_everything_else_in_it(stack: Stack, event: Event, heard: Any) -> None:
    stack.call("events", event("events_registry"))
    for one in heard()[0]:
        # GIVEN an event as a receiver gets it, parsed
        detail = one["detail"]
        proof = detail.pop("signed")

        # WHEN it writes the rest as the README says, and signs that with the secret of events
        body = json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        expected = sign(derived_secret("m4st3r", EVENTS), proof["id"], proof["timestamp"], body)

        # THEN the signatures agree
        assert (proof["signature"], proof["id"]) == (expected, detail["id"])


def test_a_batch_delivered_again_carries_the_same_ids(stack: Stack, event: Event, heard: Any) -> None:
    stack.call("events", event("events_registry"))
    first = [one["detail"]["id"] for one in heard()[0]]
    stack.call("events", event("events_registry"))
    assert [one["detail"]["id"] for one in heard()[0]] == first


def test_removed_items_announce_nothing(stack: Stack, event: Event, heard: Any) -> None:
    sent = event("events_registry")
    for record in sent["Records"]:
        record["eventName"] = "REMOVE"
    stack.call("events", sent)
    assert heard() == ([], [])


def test_people_hear_once_though_the_bus_is_away_and_the_batch_comes_again(
    stack: Stack, event: Event, heard: Any
) -> None:
    # GIVEN no bus
    bus = boto3.client("events")
    bus.remove_targets(Rule="all", EventBusName=stack.bus, Ids=["queue"])
    bus.delete_rule(Name="all", EventBusName=stack.bus)
    bus.delete_event_bus(Name=stack.bus)

    # WHEN the stream brings the batch again and again
    failures = []
    for _ in range(5):
        with pytest.raises(Exception, match=r"ResourceNotFound|not asked now") as caught:
            stack.call("events", event("events_registry"))
        failures.append(caught.type)

    # THEN people heard once, and the bus was asked three times only
    assert len(heard()[1]) == 1
    assert failures[3:] == [UnavailableError] * 2


def test_what_the_bus_missed_it_gets_when_it_is_back(stack: Stack, event: Event, heard: Any) -> None:
    # GIVEN a batch that people were told of while the bus was away
    AlertStore(boto3.client("dynamodb"), "Watch").note(
        next(_alert(one) for one in events_of(event("events_registry")["Records"]) if one.kind == "ModelRejected")
    )

    # WHEN it comes again
    stack.call("events", event("events_registry"))

    # THEN the bus has it all, and people hear nothing twice
    events, alerts = heard()
    assert (len(events), alerts) == (3, [])
