"""What callers were told in a history, to be held against what is stored in the end."""

from collections import Counter
from typing import Any, NamedTuple

from tests.faults.deliveries import Message
from tests.faults.supply import Dropped

Event = dict[str, Any]


class Scored(NamedTuple):
    """A transaction and the answer it got."""

    body: Event
    answer: Event
    rescored: bool


class Moved(NamedTuple):
    """An asked change of routing: its reason, unlike any other, and what came of it (status 0: no answer)."""

    why: str
    name: str
    status: int
    reply: Event


class Labelled(NamedTuple):
    """A label that was accepted."""

    transaction_id: str
    is_fraud: bool
    reported_at: str


class Told:
    """Everything said in one history."""

    def __init__(self) -> None:
        self.dropped: list[Dropped] = []
        self.scored: list[Scored] = []
        self.messages: list[tuple[Message, list[Event]]] = []
        self.moves: list[Moved] = []
        self.labels: list[Labelled] = []
        self.replies: Counter[str] = Counter()
        self.records: dict[str, Event] = {}

    def seen(self, registry: list[Event]) -> None:
        """Keep each version's record as it was when it was first seen."""
        for item in registry:
            if item["pk"]["S"].startswith("VERSION#") and item["sk"]["S"] == "META":
                self.records.setdefault(item["pk"]["S"], item)
