"""What the queues of bulk scoring carry, and how it is sent."""

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec

from fraud.bulk.records import Cut
from fraud.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SEND_AT_ONCE, SEND_ATTEMPTS = 10, 5


class PartMessage(msgspec.Struct, frozen=True):
    """Score one part: the bytes `start` to before `end` of what it is cut from; its first row is `first_row`."""

    batch_id: str
    part: int
    start: int
    end: int
    first_row: int
    rows: int


class StepMessage(msgspec.Struct, frozen=True):
    """Go on cutting a batch into parts, or finish one whose parts are all counted."""

    batch_id: str
    step: Literal["split", "finish"]


def part_message(batch_id: str, cut: Cut) -> PartMessage:
    """The message for one cut of a batch's input."""
    return PartMessage(batch_id, cut.part, cut.start, cut.end, cut.first_row, cut.rows)


class Queue:
    """Sends messages to one SQS queue, at least once each."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def send(self, messages: Iterable[PartMessage | StepMessage]) -> None:
        """Send every message, ten a call; raises UnavailableError when some cannot be sent."""
        waiting = iter(messages)
        while together := list(islice(waiting, SEND_AT_ONCE)):
            self._send([msgspec.json.encode(one).decode() for one in together])

    def _send(self, bodies: Sequence[str]) -> None:
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        for attempt in range(SEND_ATTEMPTS):
            reply = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]
            refused = {one["Id"] for one in reply.get("Failed", [])}
            entries = [one for one in entries if one["Id"] in refused]
            if not entries:
                return
            time.sleep(0.05 * 2**attempt)
        raise UnavailableError(f"{len(entries)} messages could not be sent")
