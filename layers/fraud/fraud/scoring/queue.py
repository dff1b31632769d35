"""Transactions that arrive as messages: everything of one poll is scored together, each message fails for itself.

A message delivered again finds its answers on record, so it changes nothing.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from fraud.errors import FraudError, InvalidRequestError, MalformedJsonError, UnavailableError
from fraud.observability import log
from fraud.scoring import items
from fraud.scoring.batch import BatchScorer
from fraud.scoring.cases import Asked, Failed

HOPELESS = (InvalidRequestError, MalformedJsonError)


class Message(msgspec.Struct, frozen=True):
    """A message or stream record: its identifier, the same at every delivery, and its body."""

    id: str
    body: bytes


class Consumed(msgspec.Struct, frozen=True):
    """Identifiers of the messages to keep: those to try again `later`, and those that can `never` succeed."""

    later: list[str]
    never: list[str]

    def report(self) -> dict[str, list[dict[str, str]]]:
        """What a handler returns under `ReportBatchItemFailures`."""
        return {"batchItemFailures": [{"itemIdentifier": one} for one in (*self.later, *self.never)]}


def consume(messages: Sequence[Message], scorer: BatchScorer) -> Consumed:
    """Score and record what the messages carry; a message counts as done when all of it is on record."""
    asked = [(message.id, one) for message in messages for one in carried(message)]
    try:
        outcomes = scorer.answers([one for _, one in asked])
    except UnavailableError as error:
        log("messages_wait", level="ERROR", count=len(messages), code=error.code)
        return Consumed([message.id for message in messages], [])
    failures: dict[str, list[FraudError]] = defaultdict(list)
    for (message_id, _), outcome in zip(asked, outcomes, strict=True):
        if isinstance(outcome, Failed):
            failures[message_id].append(outcome.error)
    never = [one for one, errors in failures.items() if all(isinstance(error, HOPELESS) for error in errors)]
    return Consumed([one for one in failures if one not in never], never)


def carried(message: Message) -> list[Asked]:
    """The transactions of a message: the items of a list or of `{"transactions": [...]}`, else the body itself."""
    try:
        bodies = items.items(message.body) or [message.body]
    except MalformedJsonError:
        bodies = [message.body]
    return [Asked(body, message.id, f"{message.id}-{number}") for number, body in enumerate(bodies)]
