"""The batch queue as its consumer sees it."""

from fraud.aws.lean.client import LeanClient
from fraud.aws.lean.errors import LeanError
from fraud.errors import FraudError
from fraud.observability import log

ENTRIES_A_CALL = 10


class BatchQueue:
    """Changes when messages are delivered again."""

    def __init__(self, client: LeanClient, url: str) -> None:
        self._client, self._url = client, url

    def give_up(self, receipts: list[str]) -> None:
        """Deliver hopeless messages again at once, so that they reach the dead-letter queue in seconds.

        Without it each delivery would wait for the visibility timeout; failing to do so costs only that.
        """
        for start in range(0, len(receipts), ENTRIES_A_CALL):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for number, receipt in enumerate(receipts[start : start + ENTRIES_A_CALL])
            ]
            try:
                self._client.sqs("ChangeMessageVisibilityBatch", {"QueueUrl": self._url, "Entries": entries})
            except (FraudError, LeanError) as error:
                log("hopeless_messages_wait", level="ERROR", count=len(entries), code=error.code)
