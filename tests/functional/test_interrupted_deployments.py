"""Deployments that die at any call, come again, come twice or in another order end as undisturbed ones do."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from typing import Any, NamedTuple

import joblib
import numpy as np
import pytest
from moto import mock_aws
from sklearn.ensemble import RandomForestClassifier

from fraud.scoring.schema import DEFAULT_FEATURES
from fraud.versions import lifecycle
from fraud.versions.registry import Registry
from tests.functional.conftest import Stack
from tests.functional.disturbance import WRITES, check_whole, counted, packed_models, state, wipe
from tests.functional.models import data, go_live

pytestmark = pytest.mark.no_cover  # it triples the time, and shorter tests run the same lines
Event = Callable[..., dict[str, Any]]
FIRST, OTHER = "v2.0.0", "v3.0.0"


class Drop(NamedTuple):
    """One object that was put into the bucket."""

    key: str
    version_id: str
    sha256: str

    @property
    def report(self) -> str:
        """Where `pack` leaves its report."""
        return f"quarantine/{self.key.split('/')[1]}/{self.sha256}.fpq"


class Supply:
    """Puts drops into the bucket and brings their events to `pack` and `deploy`."""

    def __init__(self, stack: Stack, event: Event) -> None:
        self.stack, self._event, self._minute = stack, event, 0

    def put(self, version: str, body: bytes) -> Drop:
        """An object under the key of a version."""
        key = f"drops/{version}/model.joblib"
        put = self.stack.s3.put_object(Bucket=self.stack.model_bucket, Key=key, Body=body)
        return Drop(key, put["VersionId"], hashlib.sha256(body).hexdigest())

    def pack(self, drop: Drop) -> None:
        """The event of the drop; each delivery has a later time."""
        self._deliver("pack", "pack_drop", drop.key, drop.version_id)

    def deploy(self, drop: Drop) -> None:
        """The event of its report."""
        self._deliver("deploy", "deploy_quarantined", drop.report, None)

    def _deliver(self, function: str, name: str, key: str, version_id: str | None) -> None:
        event = self._event(name)
        self._minute += 1
        told = {"key": key, **({"versionId": version_id} if version_id else {})}
        record = {
            **event["Records"][0],
            "eventTime": f"2026-01-31T{self._minute // 60:02d}:{self._minute % 60:02d}:00.000Z",
            "s3": {"bucket": {"name": self.stack.model_bucket}, "object": told},
        }
        self.stack.call(function, {"Records": [record]})

    @property
    def registry(self) -> Registry:
        """The registry as it is."""
        return Registry(self.stack.dynamodb, "Registry")


def _labelled() -> tuple[Any, Any]:
    X, _ = data(seed=5, rows=500)
    return X, (X[:, 2] > 1.0).astype(np.int8)


def _forest(trees: int) -> RandomForestClassifier:
    return RandomForestClassifier(trees, max_depth=5, random_state=0).fit(*_labelled())


@pytest.fixture
def aws() -> Iterator[str]:
    """moto inside this process: hundreds of deployments would wait for a server most of their time."""
    with mock_aws():
        yield ""


@pytest.fixture(scope="module")
def bodies() -> Mapping[str, bytes]:
    """Three good models."""
    found = {}
    for trees, name in ((6, "one"), (7, "two"), (8, "three")):
        buffer = io.BytesIO()
        joblib.dump(_forest(trees), buffer)
        found[name] = buffer.getvalue()
    return found


@pytest.fixture
def supply(stack: Stack, event: Event, packed_here: None) -> Iterator[Supply]:
    """A supply chain with an evaluation set."""
    buffer = io.BytesIO()
    X, y = _labelled()
    np.savez(buffer, X=X, y=y, columns=np.array(DEFAULT_FEATURES))
    stack.s3.put_object(Bucket=stack.model_bucket, Key="evaluation/current.npz", Body=buffer.getvalue())
    yield Supply(stack, event)
    check_whole(stack)


def _with_an_active_version(supply: Supply) -> None:
    wipe(supply.stack)
    go_live("v1.0.0", _forest(3), supply.stack.model_bucket)


def test_a_deployment_that_dies_at_any_call_ends_as_an_undisturbed_one_when_it_comes_again(
    supply: Supply, bodies: Mapping[str, bytes]
) -> None:
    drop = supply.put(FIRST, bodies["one"])
    _with_an_active_version(supply)
    supply.pack(drop)
    with counted() as undisturbed:
        supply.deploy(drop)
    expected, names = state(supply.stack), undisturbed.names
    assert supply.registry.deployments(version=FIRST, limit=9)[0].state == "activated"
    deaths = [{"die_before": number} for number in range(1, len(names) + 1)]
    deaths += [{"die_after": number} for number, name in enumerate(names, start=1) if name in WRITES]
    for death in deaths:
        _with_an_active_version(supply)
        supply.pack(drop)
        with counted(**death) as calls:
            supply.deploy(drop)
        assert len(calls.names) == sum(death.values())
        check_whole(supply.stack)
        supply.deploy(drop)
        assert state(supply.stack) == expected, (death, names)


@pytest.mark.parametrize("honest", [True, False])
def test_a_quarantine_that_dies_at_any_call_leaves_the_same_report_when_it_comes_again(
    supply: Supply, bodies: Mapping[str, bytes], honest: bool
) -> None:
    drop = supply.put(FIRST, bodies["one"] if honest else b"\x80\x02cos\nsystem\n.")
    with counted() as undisturbed:
        supply.pack(drop)
    supply.deploy(drop)
    expected, names = state(supply.stack), undisturbed.names
    for death in [*({"die_before": n} for n in range(1, len(names) + 1)), {"die_after": len(names)}]:
        wipe(supply.stack)
        with counted(**death):
            supply.pack(drop)
        supply.pack(drop)
        supply.deploy(drop)
        assert state(supply.stack) == expected, (death, names)


def test_events_that_come_twice_and_in_any_order_leave_one_record_of_each_version(
    supply: Supply, bodies: Mapping[str, bytes]
) -> None:
    same = [supply.put(FIRST, bodies["one"]), supply.put(FIRST, bodies["one"])]
    rival, stranger = supply.put(FIRST, bodies["two"]), supply.put(OTHER, bodies["three"])
    ends: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    orders = {tuple(drop.sha256 for drop in order): order for order in permutations([*same, rival, stranger])}
    for order in orders.values():  # which of the two with the same bytes comes first is no other order
        wipe(supply.stack)
        for drop in order:
            supply.pack(drop)
        for drop in (*order, *reversed(order)):
            supply.deploy(drop)
        check_whole(supply.stack)
        won = next(drop for drop in order if drop.key == rival.key)
        lost = rival if won != rival else same[0]
        assert {one.version: one.sha256 for one in supply.registry.versions()} == {
            FIRST: won.sha256, OTHER: stranger.sha256,
        }  # fmt: skip
        found = {one.drop_sha256: one for one in supply.registry.deployments(version=None, limit=100)}
        assert found.keys() == {won.sha256, lost.sha256, stranger.sha256}
        assert (found[lost.sha256].reason or "").startswith("version_exists")
        assert len(packed_models(supply.stack)) == 2
        ends.setdefault(tuple(dict.fromkeys(drop.sha256 for drop in order)), []).append(state(supply.stack))
    assert len(ends) == 6
    assert all(one == same_order[0] for same_order in ends.values() for one in same_order)


def test_an_event_about_an_overwritten_object_never_brings_other_bytes_than_its_own(
    supply: Supply, bodies: Mapping[str, bytes]
) -> None:
    for first, second in (("one", "two"), ("two", "one")):
        wipe(supply.stack)
        old, new = supply.put(FIRST, bodies[first]), supply.put(FIRST, bodies[second])
        supply.pack(old)
        supply.pack(new)
        for late in (old, new, old):
            supply.deploy(late)
        [version] = supply.registry.versions()
        assert (version.sha256, version.provenance.drop_version_id) == (old.sha256, old.version_id)
        assert {one.drop_sha256: one.state for one in supply.registry.deployments(version=FIRST, limit=9)} == {
            old.sha256: "activated", new.sha256: "rejected",
        }  # fmt: skip


def test_a_late_event_does_not_undo_a_rollback(supply: Supply, bodies: Mapping[str, bytes]) -> None:
    _with_an_active_version(supply)
    drop = supply.put(FIRST, bodies["one"])
    supply.pack(drop)
    with counted() as undisturbed:
        supply.deploy(drop)
    _with_an_active_version(supply)
    supply.pack(drop)
    with counted(die_after=len(undisturbed.names) - 1):
        supply.deploy(drop)
    assert supply.registry.routing().active == FIRST  # type: ignore[union-attr]
    lifecycle.rollback(supply.registry, by="operator", why="it is wrong")

    supply.deploy(drop)

    assert supply.registry.routing().active == "v1.0.0"  # type: ignore[union-attr]
    [deployment] = supply.registry.deployments(version=FIRST, limit=9)
    assert deployment.state == "activated"
    assert deployment.reason.startswith("revision 2: ")  # type: ignore[union-attr]


def test_a_deployment_is_listed_once_however_many_events_began_it(supply: Supply, bodies: Mapping[str, bytes]) -> None:
    drop = supply.put(FIRST, bodies["one"])
    supply.pack(drop)
    with counted(die_before=6):
        supply.deploy(drop)
    supply.pack(drop)

    supply.deploy(drop)

    [deployment] = supply.registry.deployments(version=None, limit=9)
    assert deployment.final


def test_a_crowd_at_the_audit_chain_puts_a_deployment_off_instead_of_ending_it(
    supply: Supply, bodies: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fraud.errors import ChangedMeanwhileError
    from fraud.versions.registry import audit

    drop = supply.put(FIRST, bodies["one"])
    supply.pack(drop)
    with monkeypatch.context() as crowded:
        crowded.setattr(audit, "AUDIT_ATTEMPTS", 0)
        with pytest.raises(ChangedMeanwhileError):
            supply.deploy(drop)

    supply.deploy(drop)

    assert supply.registry.deployments(version=None, limit=9)[0].state == "activated"
