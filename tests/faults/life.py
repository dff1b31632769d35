"""What people and machines do in a history, and what they were told."""

import json
import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.faults.deliveries import Deliveries, Message
from tests.faults.told import Labelled, Moved, Scored, Told
from tests.faults.weather import Killed
from tests.faults.world import ROUTING_SECONDS, World
from tests.functional.conftest import EVENTS
from tests.functional.models import data, transaction

Event = dict[str, Any]
MARK = "Anneliese Mustermann"  # a name that must turn up nowhere
CONSUMERS = (("archive", "Requests"), ("events", "Registry"), ("shadow", "Requests"))
DISPENSABLE = {"s3", "secretsmanager", "sns", "events", "lambda"}  # of which a warm instance needs none to score
STRATEGIES: tuple[Event, ...] = (
    {},
    {},
    {"strategy": "canary", "steps": [50, 100], "bake_minutes": 0},
    {"strategy": "shadow"},
)


class Life:
    """The operations of one history."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self._world, self._dice = world, dice
        self.deliveries = Deliveries(world, dice)
        self.told = Told()
        self._bodies: list[Event] = []
        self._rollouts: list[str] = []
        self._number, self._warm = 0, Counter({"nobody": 1})
        self._routing: Event | None = None
        self._stale_until = 0.0
        self._kinds: dict[Callable[[], object], int] = {
            self.drop: 2, self.deliveries.one_event: 2, self.predict: 8, self.batch: 3, self.message: 2,
            self.deliveries.poll: 3, self.activate: 4, self.roll_back: 3, self.abort: 1, self.label: 2,
            self.consume: 5, self.tick: 1, self.drive: 2, self.seal: 1, self.deliveries.spool: 1,
        }  # fmt: skip

    def lives(self, operations: int) -> None:
        """So many operations."""
        for operation in self._dice.choices([*self._kinds], [*self._kinds.values()], k=operations):
            self._world.weather.turn()
            self._world.clock.sleep(self._dice.uniform(0, 90))
            operation()
            self.told.seen(self._world.tables.items("Registry"))
            self._notice_change()

    def drop(self) -> None:
        """S3 tells of a report; sometimes twice."""
        one = self._dice.choice(self._world.drops)
        self.told.dropped.append(one)
        self.deliveries.events += [("deploy", one.event)] * self._dice.choice([1, 1, 2])

    def predict(self) -> None:
        """One transaction: new, known, known with another amount, or not one at all."""
        body, rescore = self._body(), self._dice.random() < 0.1
        warm = self._warm == self._world.deaths
        status, reply = self._http("predict_transaction", "predict", body, {"x-rescore": "true"} if rescore else {})
        if status == 200:
            self.told.scored.append(Scored(body, reply, rescore))
            self._warm = self._world.deaths.copy()
        if valid(body):
            self._serves(status, reply, warm=warm)

    def _serves(self, status: int, reply: Event, *, warm: bool) -> None:
        """I8, and a change of routing is obeyed within the time it may be cached."""
        now, routing, troubled = self._world.clock.monotonic(), self._world.routing(), self._world.way.troubled
        assert status in (0, 200, 503), reply
        if status == 503 and not troubled:
            assert routing is None, reply
        if warm and status and troubled <= DISPENSABLE | ({"dynamodb"} if self._world.spools else set()):
            assert status == 200, reply
        if troubled:
            self._stale_until = now + ROUTING_SECONDS
        if status == 200 and not reply["cache_hit"] and now > self._stale_until:
            assert routing and reply["model_version"] in routing.values(), (reply, routing)

    def _notice_change(self) -> None:
        routing = self._world.routing()
        if routing != self._routing:
            self._routing, self._stale_until = routing, self._world.clock.monotonic() + ROUTING_SECONDS

    def batch(self) -> None:
        """Some transactions in one call, of which some may be equal or wrong."""
        bodies = [self._body() for _ in range(self._dice.randint(2, 4))]
        status, reply = self._http("predict_batch", "predict", {"transactions": bodies}, {})
        assert status in (0, 200, 207, 503), reply
        failed = {one["index"] for one in reply.get("errors", [])}
        answered = [body for place, body in enumerate(bodies) if place not in failed] if status in (200, 207) else []
        for body, one in zip(answered, reply.get("predictions", []), strict=True):
            assert one["transaction_id"] == body["transaction_id"]
            self.told.scored.append(Scored(body, one, False))

    def message(self) -> None:
        """A transaction or a list of them onto the queue."""
        bodies = [self._body() for _ in range(self._dice.randint(1, 3))]
        text = json.dumps(bodies[0] if len(bodies) == 1 else bodies)
        message = Message(f"message-{self._next()}", text)
        self.deliveries.queue.append(message)
        self.told.messages.append((message, bodies))

    def activate(self) -> None:
        """A version, at once or beside the active one."""
        version, plan = self._dice.choice(self._world.drops).version, self._dice.choice(STRATEGIES)
        status, reply = self._change("models_activate", "models", f"/models/activate/{version}", plan)
        if status == 200 and "rollout_id" in reply:
            self._rollouts.append(reply["rollout_id"])

    def roll_back(self) -> None:
        """To what served before."""
        self._change("models_rollback", "models", "/models/rollback", {})

    def abort(self) -> None:
        """A rollout that somebody was told of."""
        name = self._dice.choice(self._rollouts or ["none"])
        self._change("rollout_abort", "rollout", f"/rollouts/{name}/abort", {})

    def label(self) -> None:
        """What became of a transaction, known or not."""
        known = [one["transaction_id"] for one in self._bodies if one["transaction_id"]] or ["t-unknown"]
        report = {"transaction_id": self._dice.choice([*known, "t-unknown"]), "is_fraud": self._dice.random() < 0.5}
        report |= {"source": "chargeback", "reported_at": f"2026-11-22T10:00:{self._next() % 60:02d}.000Z"}
        status, _ = self._http("feedback_labels", "feedback", report, {})
        if status == 200:
            self.told.labels.append(Labelled(report["transaction_id"], report["is_fraud"], report["reported_at"]))

    def consume(self) -> None:
        """One consumer of a stream gets its next records."""
        self.deliveries.stream(*self._dice.choice(CONSUMERS))

    def tick(self) -> None:
        """The minute of `health`."""
        self.deliveries.taken("health", {"source": "aws.events"})

    def seal(self) -> None:
        """The day of `audit`: a checkpoint."""
        self.deliveries.taken("audit", {"source": "aws.events"})

    def drive(self) -> None:
        """The minute of `rollout`."""
        self.deliveries.taken("rollout", {"source": "aws.events"})

    def _change(self, name: str, function: str, path: str, how: Event) -> tuple[int, Event]:
        why = f"change-{self._next()}"
        status, reply = self._http(name, function, {**how, "reason": why}, {}, path)
        self.told.moves.append(Moved(why, name, status, reply))
        return status, reply

    def _http(self, name: str, function: str, body: Event, headers: Event, path: str = "") -> tuple[int, Event]:
        """Status and body of an answer; status 0 when the function died before it gave one."""
        event, self._world.way.troubled = dict(_recorded(name)), set[str]()
        event["headers"] = {**event["headers"], **headers, "x-request-id": f"request-{self._next()}"}
        event["body"] = json.dumps(body)
        if path:
            event["path"] = f"/api/v1{path}"
        try:
            answer = self._world.call(function, event)
        except Killed:
            self.told.replies[f"{name} died"] += 1
            return 0, {}
        self.told.replies[f"{name} {answer['statusCode']}"] += 1
        assert answer["statusCode"] != 500, (name, answer["body"], self._world.logs.getvalue()[-2000:])
        return answer["statusCode"], json.loads(answer["body"])

    def _body(self) -> Event:
        kind = self._dice.random()
        if kind < 0.3 and self._bodies:
            return self._dice.choice(self._bodies)
        if kind < 0.4 and self._bodies:
            known = self._dice.choice(self._bodies)
            return {**known, "amount": known["amount"] + 1.0}
        if kind < 0.5:
            return {"transaction_id": f"t-{self._next()}", "amount": -1.0, "time": 1.0, "features": {}}
        X, _ = data(seed=7, rows=200)
        free = {"location": f"{MARK}, Lisbon", "entity_id": f"{MARK} {self._dice.randint(1, 3)}"}
        body = transaction(X[self._dice.randrange(200)], f"t-{self._next()}", **free)
        self._bodies.append(body)
        return body

    def _next(self) -> int:
        self._number += 1
        return self._number


def valid(body: Event) -> bool:
    """Whether a transaction of ours can be scored."""
    return bool(body["amount"] >= 0)


@cache
def _recorded(name: str) -> Event:
    recorded: Event = json.loads((EVENTS / f"{name}.json").read_text())
    return recorded
