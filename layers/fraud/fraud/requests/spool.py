"""Records that the requests table could not take, kept on a queue until it can."""

import msgspec

from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.aws.lean.client import LeanClient
from fraud.aws.lean.errors import LeanError
from fraud.errors import UnavailableError
from fraud.requests.record import Item
from fraud.requests.store import MARK, RequestStore


class Spool:
    """The queue of records; one message a record."""

    def __init__(self, client: LeanClient, queue_url: str) -> None:
        self._client, self._queue_url = client, queue_url

    def keep(self, item: Item) -> None:
        """Put a marked record on the queue; raises UnavailableError when the queue does not take it either.

        The mark is that of the write that failed: should that have been committed after all, it is the same record.
        """
        body = msgspec.json.encode(to_attributes(item)).decode()
        try:
            self._client.sqs("SendMessage", {"QueueUrl": self._queue_url, "MessageBody": body})
        except LeanError as refused:
            raise UnavailableError(f"neither the log nor its spool takes the record: {refused.code}") from refused


def restore(store: RequestStore, message: str) -> None:
    """Write a record off the queue; the same message again changes nothing. Raises UnavailableError.

    When the transaction was sent again meanwhile and that answer is on record, this one was given too: it is stored
    beside it, as a rescored one would be.
    """
    item = from_attributes(msgspec.json.decode(message))
    if store.put_once(item):
        store.put_once({**item, "sk": f"{item['sk']}#{item[MARK].hex()}"})
