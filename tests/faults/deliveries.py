"""What AWS brings to functions: events again until they are taken, messages five times, streams in order."""

import random
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.faults.weather import Killed
from tests.faults.world import World

Event = dict[str, Any]
RECEIVES = 5  # maxReceiveCount of the queues in the template
ATTEMPTS = 3  # an asynchronous invocation and its two retries
SHARDS = 2


class Message(NamedTuple):
    """A message of the batch queue."""

    id: str
    body: str


class Deliveries:
    """Everything that is under way, and what AWS gave up on."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self._world, self._dice = world, dice
        self.events: list[tuple[str, Event]] = []  # asynchronous ones nobody has taken yet
        self.lost: list[tuple[str, Event]] = []
        self.queue: list[Message] = []
        self.dead: list[Message] = []
        self._received: dict[str, int] = {}
        self._places: dict[tuple[str, str, int], int] = {}

    def taken(self, function: str, event: Event) -> bool:
        """Whether the function took an event: it did not raise and did not die, as it must not in calm weather."""
        try:
            self._world.call(function, event)
        except (Exception, Killed):
            if self._world.weather.calm:
                raise
            return False
        return True

    def one_event(self) -> bool:
        """Any of the events that wait; now and then one that was taken comes once more. Whether none waits now."""
        if not self.events:
            return True
        function, event = self.events.pop(self._dice.randrange(len(self.events)))
        if not any(self.taken(function, event) for _ in range(ATTEMPTS)):
            self.lost.append((function, event))
        elif self._dice.random() < 0.2:
            self.events.append((function, event))
        return not self.events

    def poll(self) -> bool:
        """Up to three messages of the queue, in any order, to `batch`. Whether it is empty now."""
        batch = self._dice.sample(self.queue, min(len(self.queue), 3))
        if not batch:
            return True
        failed = self._failed("batch", [(one.id, one.body) for one in batch])
        for one in batch:
            self._received[one.id] = self._received.get(one.id, 0) + 1
            again = one.id in failed or self._dice.random() < 0.1
            if not again or self._received[one.id] >= RECEIVES:
                self.queue.remove(one)
            if one.id in failed and self._received[one.id] >= RECEIVES:
                self.dead.append(one)
        return not self.queue

    def redrive(self) -> None:
        """An operator puts the dead letters back."""
        self.queue, self.dead, self._received = [*self.queue, *self.dead], [], {}

    def spool(self) -> int:
        """The messages of the spool to `spool`; how many were there."""
        found = self._world.spooled()
        self._dice.shuffle(found)
        failed = self._failed("spool", found) if found else []
        for receipt, _ in found:
            if receipt not in failed:
                self._world.unspool(receipt)
        return len(found)

    def stream(self, function: str, table: str) -> bool:
        """The next records of each shard of a table's stream; False when one was not taken, so it comes again."""
        done = [self._shard(function, table, shard) for shard in range(SHARDS)]
        return all(done)

    def _shard(self, function: str, table: str, shard: int) -> bool:
        records = [one for one in self._world.tables.streams[table] if _shard_of(one) == shard]
        place = self._places.get((function, table, shard), 0)
        again = self._dice.choice([0, 0, 0, 1, 3])  # what was taken may come again
        end = min(len(records), place + self._dice.choice([1, 3, 10, 100]))
        batch = records[max(0, place - again) : end]
        if not batch or place == len(records):
            return True
        where = {"eventSourceARN": f"arn:aws:dynamodb:eu-west-1:000000000000:table/{table}/stream/1"}
        if not self.taken(function, {"Records": [{**where, **one} for one in batch], "shardId": f"shard-{shard}"}):
            return False
        self._places[function, table, shard] = end
        return end == len(records)

    def _failed(self, function: str, messages: list[tuple[str, str]]) -> list[str]:
        """The messages that stay on the queue; all of them when the function did not answer."""
        records = [{"messageId": name, "receiptHandle": name, "body": body} for name, body in messages]
        try:
            answer = self._world.call(function, {"Records": records})
        except (Exception, Killed):
            return [name for name, _ in messages]
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def _shard_of(record: Event) -> int:
    return zlib.crc32(record["dynamodb"]["NewImage"]["pk"]["S"].encode()) % SHARDS


def until(done: Callable[[], bool]) -> None:
    """Deliver again until it is done; a calm history is, soon."""
    for _ in range(200):
        if done():
            return
    raise AssertionError("in calm weather something is never taken")
