"""The tick on a real registry and scripted figures: what it does, when, and that it leaves its reasons."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from fraud.clock import now, parse_rfc3339
from fraud.errors import ConflictError, VersionNotReadyError
from fraud.scoring.schema import DEFAULT_FEATURES, schema_of
from fraud.traffic.figures import Figures, Labels, Period
from fraud.traffic.sequential.means import Moments
from fraud.versions import activation, lifecycle, rollouts
from fraud.versions.driver import Driver, settled
from fraud.versions.registry import Registry
from fraud.versions.rollouts import Plan
from fraud.versions.version import ModelVersion, Provenance
from tests.tables import table

SOUND = Figures(requests=2000, errors=0, alerts=10, latency=Moments(2000, 3.0, 1.0), scores=Moments(2000, 8.0, 9.0))
QUIET = Figures(requests=100, errors=0, alerts=0, latency=Moments(100, 3.0, 1.0), scores=Moments(100, 8.0, 9.0))


class Script:
    """Figures by version, whatever the period; remembers what was asked."""

    def __init__(self) -> None:
        self.of: dict[str, Figures] = {}
        self.labelled: dict[str, Labels] = {}
        self.shadow = Period(0.5, SOUND, SOUND)
        self.asked: list[tuple[str, datetime, datetime]] = []

    def figures(self, version: str, since: datetime, until: datetime) -> Figures:
        self.asked.append((version, since, until))
        return self.of.get(version, Figures())

    def labels(self, version: str, since: datetime) -> Labels:
        return self.labelled.get(version, Labels())

    def shadowed(self, rollout_id: str) -> Period:
        return self.shadow


class World:
    """A registry with three versions of which v1.1.0 is active, a script, and minutes that pass."""

    def __init__(self) -> None:
        client: Any = boto3.client("dynamodb")
        client.create_table(**table("Registry"))
        self.registry, self.script, self.problems = Registry(client, "Registry"), Script(), dict[str, str]()
        for version in ("v1.0.0", "v1.1.0", "v1.2.0"):
            self.registry.register(made(version), actor="test")
        for version in ("v1.0.0", "v1.1.0"):
            lifecycle.activate_version(self.registry, version, by="test", why="test")
        self.driver = Driver(self.registry, self.script, self.problems.get, 0.70)

    def begin(self, strategy: str = "canary", steps: tuple[int, ...] = (5, 25, 100)) -> str:
        plan = Plan(strategy, steps, 10)
        return rollouts.begin(self.registry, "v1.2.0", plan, by="test", why="test")[0].rollout_id

    def after(self, minutes: float) -> str:
        return self.driver.tick(now() + timedelta(minutes=minutes))

    @property
    def active(self) -> str:
        current = self.registry.routing()
        assert current
        return current.active

    def status(self, version: str) -> str:
        return self.registry.version(version).status


def made(version: str) -> ModelVersion:
    return ModelVersion(
        version=version,
        created_at="2026-01-01T00:00:00.000Z",
        sha256="a" * 64,
        packed_sha256="b" * 64,
        packed_key=f"models/{version}/x.fpm",
        packed_bytes=1,
        family="test",
        schema=schema_of(DEFAULT_FEATURES),
        provenance=Provenance(drop_key=f"drops/{version}/model.joblib"),
    )


@pytest.fixture
def world(aws: str) -> World:
    return World()


def test_a_sound_canary_is_promoted_step_by_step(world: World) -> None:
    # GIVEN a canary that does as well as the active version
    name = world.begin()
    world.script.of = {"v1.1.0": SOUND, "v1.2.0": QUIET}

    # WHEN minutes pass
    assert world.after(5) == "wait"
    assert world.after(11) == "advance"
    assert (world.active, rollouts.found(world.registry, name).percent) == ("v1.1.0", 25)
    assert world.after(11) == "wait"  # 100 requests bound nothing at 100 %
    world.script.of["v1.2.0"] = SOUND
    assert world.after(22) == "promote"

    # THEN it is active, and every look is kept with its numbers
    assert world.active == "v1.2.0"
    assert rollouts.found(world.registry, name).state == "promoted"
    looks = world.registry.verdicts(name, 10)
    assert [one.action for one in looks] == ["promote", "wait", "advance", "wait"] or len(looks) == 3  # by moment
    assert all(finding.numbers for look in looks for finding in look.findings)


def test_the_period_of_a_step_begins_when_every_instance_obeys(world: World) -> None:
    world.begin()
    began = world.registry.routing()
    assert began
    world.after(5)
    since = [since for version, since, _ in world.script.asked if version == "v1.2.0"]
    assert since == [settled(parse_rfc3339(began.at))]
    assert settled(datetime(2026, 1, 1, 12, 0, 57, tzinfo=UTC)) == datetime(2026, 1, 1, 12, 2, tzinfo=UTC)


def test_a_harmful_canary_is_condemned_with_its_evidence_and_may_be_pardoned(world: World) -> None:
    # GIVEN a canary that fails half of its requests
    name = world.begin()
    world.script.of = {"v1.1.0": SOUND, "v1.2.0": Figures(requests=100, errors=50)}

    # WHEN the minute comes, twice
    assert world.after(3) == "roll_back"
    assert world.after(4) == "nothing"

    # THEN nobody gets it, and the numbers are there
    routing, condemned = world.registry.routing(), world.registry.condemnation("v1.2.0")
    assert routing and condemned
    assert (routing.active, routing.split, routing.kind, routing.subject) == ("v1.1.0", None, "withdraw", "v1.2.0")
    assert condemned.why == "errors: fails 50 of 100 (50.00%), the active version 0 of 2000 (0.00%)"
    assert '"e_value"' in condemned.evidence
    assert rollouts.found(world.registry, name).state == "rolled_back"
    assert [one.action for one in world.registry.audit_entries()][-1] == "rollout.rolled_back"

    # AND it may not serve until it is pardoned
    with pytest.raises(VersionNotReadyError):
        world.begin()
    activation.pardon(world.registry, "v1.2.0", by="ann", why="the client was broken")
    world.begin()


def test_a_shadow_is_completed_or_ended_and_harms_nobody(world: World) -> None:
    # GIVEN a shadow like the active version, then one that flags everything
    world.begin("shadow")
    assert world.after(11) == "complete"
    name = world.begin("shadow")
    world.script.shadow = Period(0.5, Figures(requests=500, alerts=500), Figures(requests=500, alerts=5))

    # THEN the second is ended with its reason, and not condemned
    assert world.after(1) == "roll_back"
    assert rollouts.found(world.registry, name).outcome.startswith("alerts: flags 500 of 500")
    assert (world.status("v1.2.0"), world.active) == ("READY", "v1.1.0")


@pytest.mark.parametrize(
    ("recent", "labels", "problem", "guardrail"),
    [
        (Figures(requests=300, errors=60), Labels(), None, "errors"),
        (Figures(requests=900, latency=Moments(900, 80.0, 1.0)), Labels(), None, "latency"),
        (SOUND, Labels(20, 60, 60), None, "labels"),
        (SOUND, Labels(), "its SHA-256 differs", "model"),
    ],
)
def test_an_active_version_that_does_harm_is_rolled_back_and_condemned_once(
    world: World, recent: Figures, labels: Labels, problem: str | None, guardrail: str
) -> None:
    # GIVEN an active version that is worse than the one before it
    world.script.of = {"v1.0.0": SOUND, "v1.1.0": recent}
    world.script.labelled = {"v1.1.0": labels}
    if problem:
        world.problems["v1.1.0"] = problem

    # WHEN minutes pass
    assert world.after(5) == "roll_back"

    # THEN what served before serves, with the cause recorded
    current, condemned = world.registry.routing(), world.registry.condemnation("v1.1.0")
    assert current and condemned
    assert (current.active, current.kind, current.by) == ("v1.0.0", "rollback", "rollout")
    assert current.why.split(":")[0] == guardrail
    assert condemned.evidence == current.evidence != ""
    assert world.after(6) == "nothing"


def test_an_automatic_rollback_cools_down_and_never_leads_onto_what_cannot_serve(world: World) -> None:
    # GIVEN a version rolled back to that does harm too
    lifecycle.activate_version(world.registry, "v1.2.0", by="test", why="test")
    world.problems.update({"v1.2.0": "broken", "v1.1.0": "broken"})
    assert world.after(0) == "nothing"  # nothing sound to go to
    del world.problems["v1.1.0"]
    assert world.after(0) == "roll_back"
    world.problems["v1.1.0"] = "broken"

    # THEN the next automatic one waits its time
    assert world.after(10) == "nothing"
    assert world.after(20) == "roll_back"
    assert world.active == "v1.0.0"
    world.problems["v1.0.0"] = "broken"
    assert world.after(60) == "nothing"
    assert world.status("v1.0.0") == "READY"


def test_a_rollout_beside_a_version_that_is_rolled_back_ends_in_the_same_transaction(world: World) -> None:
    name = world.begin()
    world.problems["v1.1.0"] = "broken"
    assert world.after(1) == "roll_back"
    assert (world.active, rollouts.found(world.registry, name).state) == ("v1.0.0", "aborted")


def test_a_decision_made_from_an_older_record_changes_nothing(world: World) -> None:
    # GIVEN a verdict on a rollout that a person has ended meanwhile
    name = world.begin()
    current, rollout = world.registry.routing(), rollouts.found(world.registry, name)
    assert current
    lifecycle.rollback(world.registry, by="ann", why="I know better")
    before = world.registry.routing()

    # WHEN it is carried out / THEN it is refused
    from fraud.traffic.rollout import Verdict

    for action in ("advance", "promote", "roll_back"):
        with pytest.raises(ConflictError):
            rollouts.carry_out(world.registry, current, rollout, Verdict(action, "late", []))
    assert world.registry.routing() == before
    assert world.status("v1.2.0") == "READY"
