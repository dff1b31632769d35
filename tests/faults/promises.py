"""What must hold after a history (design section 9), checked from what is stored and what callers were told."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import numpy as np

from fraud.aws.lean.attributes import from_attributes
from fraud.requests.record import prediction_of
from fraud.scoring import transaction
from fraud.scoring.schema import DEFAULT_FEATURES
from fraud.traffic.routing import Routing
from fraud.versions.auditing import prove
from fraud.versions.registry import Registry
from fraud.watch.counter_store import CounterStore
from tests.faults.clock import BEGIN
from tests.faults.life import MARK, Life, valid
from tests.faults.supply import Dropped
from tests.faults.told import Scored
from tests.faults.world import World
from tests.functional.disturbance import check_whole
from tests.recount import figures, recount
from tests.serial_order import check_order

Item = dict[str, Any]
KEPT = timedelta(days=30)
WITHOUT = ("cache_hit", "log")


class Promises:
    """The end of one history."""

    def __init__(self, world: World, life: Life) -> None:
        self._world, self._told, self._life = world, life.told, life
        self._registry = Registry(world.stack.dynamodb, "Registry")
        self._history: list[Routing] = list(self._registry.revisions())[::-1]

    def check(self) -> None:
        """All of them; AssertionError names the one that was broken."""
        self.one_active_version()
        self.versions_never_change()
        self.one_record_for_each_answer()
        self.answers_are_their_versions_own()
        self.nothing_refused_serves()
        self.counters_equal_a_recount()
        self.nothing_accepted_is_lost()
        self.every_rollback_has_a_cause()
        self.nobody_is_named()

    def one_active_version(self) -> None:
        """I1; and whoever was told of a change finds it, while nobody's change happened twice."""
        check_order(self._history, self._condemned())
        assert self._registry.routing() == (self._history[-1] if self._history else None)
        did = [one.why for one in self._history]
        for move in self._told.moves:
            assert did.count(move.why) <= 1, move
            if move.status == 200 and move.name != "models_activate":
                assert did.count(move.why) == 1, move
            if move.status in (404, 409, 422):
                assert move.why not in did, move
        running = [one for one in self._registry.rollouts(100) if one.state == "running"]
        assert len(running) == (1 if self._history and self._history[-1].split else 0)

    def versions_never_change(self) -> None:
        """I2: record and bytes; every deployment that was told of has come to an end."""
        check_whole(self._world.stack)
        now = {item["pk"]["S"]: item for item in self._items("Registry") if item["sk"]["S"] == "META"}
        for pk, record in self._told.records.items():
            assert now[pk] == record
        ended = {one.drop_sha256: one for one in self._registry.deployments(version=None, limit=100) if one.final}
        assert {drop.sha256 for drop in self._told.dropped} <= ended.keys()

    def one_record_for_each_answer(self) -> None:
        """I3: word for word, under what was asked; and a transaction sent again got the answer it had."""
        records = self._decisions()
        first: dict[str, Item] = {}
        for one in self._told.scored:
            said = {name: value for name, value in one.answer.items() if name not in WITHOUT}
            asked = _asked(one.body)
            assert [told for (_, sk), told in records if sk.startswith(asked)].count(said) == 1, (one, records)
            if not one.rescored and "log" not in one.answer:
                assert first.setdefault(json.dumps(one.body), said) == said, one

    def answers_are_their_versions_own(self) -> None:
        """I8: whatever failed, an answer is what scikit-learn says of that row, and the verdict follows from it."""
        served = {one.active for one in self._history} | {one.split.candidate for one in self._history if one.split}
        by_version: dict[str, list[Scored]] = {}
        for one in self._told.scored:
            by_version.setdefault(one.answer["model_version"], []).append(one)
        assert by_version.keys() <= served
        for version, answered in by_version.items():
            rows = np.array([_row(one.body) for one in answered])
            for one, told in zip(answered, self._drop_of(version).estimator.predict_proba(rows)[:, 1], strict=True):
                assert one.answer["fraud_probability"] == told, one
                assert one.answer["is_fraud"] == (told >= self._registry.version(version).thresholds.decision)

    def nothing_refused_serves(self) -> None:
        """I4: what quarantine or verification refused is no version."""
        for version in self._registry.versions():
            assert not self._drop_of(version.version).refused
        refused = {one.sha256: one for one in self._told.dropped if one.refused}
        for deployment in self._registry.deployments(version=None, limit=100):
            if deployment.version in {one.version for one in refused.values()}:
                assert deployment.state == "rejected"

    def counters_equal_a_recount(self) -> None:
        """I5: and the archive holds the log's lines, no more and no fewer."""
        told = [json.loads(line) for body in self._world.archived() for line in body.splitlines()]
        lines = {(one["transaction_id"], one.get("digest") or f"ERR#{one['failure_id']}"): one for one in told}
        logged = {(item["pk"]["S"].removeprefix("TXN#"), item["sk"]["S"]) for item in self._items("Requests")}
        assert lines.keys() == logged
        store = CounterStore(self._world.stack.dynamodb, "Watch", KEPT)
        counted = store.figures(BEGIN - timedelta(hours=1), BEGIN + timedelta(hours=3))
        assert figures(counted) == recount([*lines.values()])

    def nothing_accepted_is_lost(self) -> None:
        """I6: labels, and the transactions of messages."""
        watch = [from_attributes(item) for item in self._items("Watch")]
        labels, outcomes = (
            {one["sk"]: one for one in watch if one["pk"].startswith(p)} for p in ("LABEL#", "OUTCOMES#")
        )
        decided = {key[0] for key, _ in self._decisions()}
        for one in self._told.labels:
            [report] = [held for held in labels.values() if one.reported_at in held["report"]]
            assert report["pk"] == f"LABEL#{one.transaction_id}"
            if f"TXN#{one.transaction_id}" in decided:
                assert any(sk.startswith(f"{one.transaction_id}#") for sk in outcomes), one
        for message, bodies in self._told.messages:
            good = [body for body in bodies if valid(body)]
            dead = message in self._life.deliveries.dead
            assert dead == (not self._history or len(good) < len(bodies)), message
            for body in good if self._history else []:
                assert f"TXN#{body['transaction_id']}" in decided, body

    def every_rollback_has_a_cause(self) -> None:
        """I7, and the audit chain tells of every change and holds."""
        proof = prove(self._registry, self._world.checkpoints())
        assert proof.intact, proof.findings
        entries = [one.details for one in self._registry.audit_entries() if "revision" in one.details]
        assert [one["revision"] for one in entries] == [one.revision for one in self._history]

    def nobody_is_named(self) -> None:
        """I9: not in a table, not in the archive, not in a line of the log."""
        tables = [self._items(name) for name in ("Registry", "Requests", "Watch")]
        archived = b"".join(self._world.archived()).decode()
        assert MARK not in json.dumps(tables) + archived + self._world.logs.getvalue()

    def _condemned(self) -> frozenset[str]:
        found = [item for item in self._items("Registry") if item["sk"]["S"] == "CONDEMNED"]
        return frozenset(item["pk"]["S"].removeprefix("VERSION#") for item in found)

    def _items(self, table: str) -> list[Item]:
        return self._world.tables.items(table)

    def _decisions(self) -> list[tuple[tuple[str, str], Item]]:
        found = [from_attributes(item) for item in self._items("Requests")]
        return [((one["pk"], one["sk"]), _said(one)) for one in found if one["s"] == 200]

    def _drop_of(self, version: str) -> Dropped:
        digest = self._registry.version(version).sha256
        [drop] = [one for one in self._world.drops if (one.version, one.sha256) == (version, digest)]
        return drop


def _said(item: Item) -> Item:
    """The answer a record stands for, as it went over the wire."""
    told: Item = msgspec.json.decode(msgspec.json.encode(prediction_of(item, cache_hit=False)))
    return {name: value for name, value in told.items() if name not in WITHOUT}


def _asked(body: Item) -> str:
    """What a decision about this transaction is filed under, or begins with: two may get the very same answer."""
    return transaction.digest(transaction.decode(json.dumps(body).encode()))


def _row(body: Item) -> list[float]:
    return [body["amount"], body["time"], *(body["features"][name] for name in DEFAULT_FEATURES[2:])]
