"""The batch queue as its consumer sees it."""

from fraud.aws.lean.client import LeanClient
from fraud.aws.lean.errors import LeanError
from fraud.errors import FraudError
from fraud.observability import log


class BatchQueue:
    """Changes when messages are delivered again."""

    def __init__(self, client: LeanClient, url: str) -> None:
        self._client, self._url = client, url

    def give_up(self, receipts: list[str]) -> None:
        """Deliver hopeless messages again at once, so that they reach the dead-letter queue in seconds.

        Without it each delivery would wait for the visibility timeout; failing to do so costs only that.
        """
        for receipt in receipts:
            asked = {"QueueUrl": self._url, "ReceiptHandle": receipt, "VisibilityTimeout": 0}
            try:
                self._client.sqs("ChangeMessageVisibility", asked)
            except (FraudError, LeanError) as error:
                log("hopeless_message_waits", level="ERROR", code=error.code)
