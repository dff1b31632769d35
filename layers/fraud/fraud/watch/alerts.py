"""Tell people: one SNS message an alert."""

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Alerts:
    """Publishes to the alert topic."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client, self._topic = client, topic_arn

    def publish(self, subject: str, facts: dict[str, str]) -> None:
        """Send the facts as JSON under a subject of at most 100 characters (SNS's limit)."""
        plain = "".join(letter if letter.isprintable() and letter.isascii() else "?" for letter in subject)
        message = msgspec.json.encode({"subject": subject, **facts}).decode()
        self._client.publish(TopicArn=self._topic, Subject=plain[:100], Message=message)
