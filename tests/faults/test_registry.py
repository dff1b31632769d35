"""I1, I2 and I7 of the registry after every step of any sequence of changes, with replies lost and conflicts met."""

import hashlib
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fraud.audit.chain import first_broken
from fraud.errors import FraudError
from fraud.traffic.rollout import Verdict
from fraud.versions import lifecycle, rollouts
from fraud.versions.activation import pardon
from fraud.versions.registry import Registry
from fraud.versions.rollouts import Plan
from tests.concurrency.test_activation import made
from tests.faults import weather
from tests.faults.weather import Weather
from tests.faults.world import World
from tests.serial_order import check_order

VERSIONS = st.sampled_from([f"v1.{number}.0" for number in range(4)])
TROUBLES = st.lists(st.sampled_from([weather.LOST, weather.CONFLICT, weather.FAILED, weather.UNSENT]), max_size=2)
PLANS = st.sampled_from([Plan("canary", (5, 100), 0), Plan("shadow", (), 0)])


def verdict(action: str, why: str) -> Verdict:
    """What a rule decided."""
    return Verdict(action, why, [], "2026-11-22T12:00:00.000Z")


class Planned(Weather):
    """Meets the next transactions with what was planned for them."""

    def __init__(self) -> None:
        self.calm, self.planned = True, list[str]()

    def fate(self, service: str, operation: str) -> str:
        """The next of the plan."""
        return self.planned.pop(0) if operation == "TransactWriteItems" and self.planned else ""


class Changes(RuleBasedStateMachine):
    """What people and rules do to the registry; a refusal is an answer, too."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.world.begin(0, bare=True)
        self.world.way._weather = self.sky = Planned()
        self.registry = Registry(self.world.stack.dynamodb, "Registry")
        self.asked: list[str] = []
        self.first: dict[str, str] = {}

    @rule(version=VERSIONS, body=st.sampled_from(["one", "other"]), troubles=TROUBLES)
    def register(self, version: str, body: str, troubles: list[str]) -> None:
        digest = hashlib.sha256(body.encode()).hexdigest()
        self.sky.planned = troubles
        registered = self.registry.register(made(version, digest), actor="test")
        assert registered.sha256 == self.first.setdefault(version, digest)

    @rule(version=VERSIONS, troubles=TROUBLES)
    def activate(self, version: str, troubles: list[str]) -> None:
        self._do(troubles, lambda why: lifecycle.activate_version(self.registry, version, by="a", why=why))

    @rule(troubles=TROUBLES)
    def roll_back(self, troubles: list[str]) -> None:
        self._do(troubles, lambda why: lifecycle.rollback(self.registry, by="b", why=why))

    @rule(version=VERSIONS, plan=PLANS, troubles=TROUBLES)
    def begin(self, version: str, plan: Plan, troubles: list[str]) -> None:
        self._do(troubles, lambda why: rollouts.begin(self.registry, version, plan, by="c", why=why))

    @rule(troubles=TROUBLES, action=st.sampled_from(["abort", "roll_back", "advance", "promote"]))
    def goes_on(self, troubles: list[str], action: str) -> None:
        current = self.registry.routing()
        running = rollouts.present(self.registry, current) if current else None
        if not current or not running or (running.strategy == "shadow" and action in ("advance", "promote")):
            return
        if action == "abort":
            self._do(troubles, lambda why: rollouts.abort(self.registry, running.rollout_id, by="d", why=why))
        elif action != "advance" or running.following:
            self._do(troubles, lambda why: rollouts.carry_out(self.registry, current, running, verdict(action, why)))

    @rule(version=VERSIONS)
    def forgive(self, version: str) -> None:
        self._do([], lambda why: pardon(self.registry, version, by="e", why=why))

    def _do(self, troubles: list[str], change: Any) -> None:
        self.sky.planned = list(troubles)
        self.asked.append(f"change-{len(self.asked)}")
        with suppress(FraudError):
            change(self.asked[-1])

    @invariant()
    def one_version_is_active_and_its_history_is_a_serial_order(self) -> None:
        history = list(self.registry.revisions())[::-1]
        condemned = {item["pk"]["S"] for item in self.world.tables.items("Registry") if item["sk"]["S"] == "CONDEMNED"}
        check_order(history, frozenset(name.removeprefix("VERSION#") for name in condemned))
        assert self.registry.routing() == (history[-1] if history else None)
        assert len({one.why for one in history}) == len(history)

    @invariant()
    def versions_are_as_they_were(self) -> None:
        found = {one.version: msgspec.structs.replace(one, status="READY") for one in self.registry.versions()}
        assert found == {version: made(version, digest) for version, digest in self.first.items()}

    @invariant()
    def every_change_has_its_cause_in_an_unbroken_chain(self) -> None:
        entries = self.registry.audit_entries()
        assert first_broken(entries) is None
        told = [(one.details["revision"], one.details["why"]) for one in entries if "revision" in one.details]
        assert told == [(one.revision, one.why) for one in list(self.registry.revisions())[::-1]]


def test_any_sequence_of_changes_keeps_the_registrys_promises(world: World) -> None:
    few = settings(
        max_examples=12, stateful_step_count=16, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(type("ThisWorlds", (Changes,), {"world": world}), settings=few)
