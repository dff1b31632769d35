"""Whatever hostile is dropped into the bucket of the running system is refused, and nothing else happens.

A long run, of its own: `SOAK=1 pytest tests/system/test_hostile_drops.py`. The same corpus is opened by the quarantine
process itself in every run (`tests/unit/hostile`).
"""

import os
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tests.hostile.case import Hostile
from tests.hostile.corpus import leading
from tests.system.caller import Caller

pytestmark = [pytest.mark.system, pytest.mark.skipif("SOAK" not in os.environ, reason="SOAK=1 runs it")]
RUN = uuid.uuid4().hex[:8]
MINOR = int(time.time()) % 900_000  # versions are for ever, so every run names its own
SECONDS = 10.0


class Dropped(NamedTuple):
    """What became of one case, and how long it took from the upload on."""

    deployment: Mapping[str, Any]
    seconds: float


class Before(NamedTuple):
    """What may not change."""

    active: str
    versions: int


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which whatever ran leaves a file."""
    return tmp_path_factory.mktemp("canary")


@pytest.fixture(scope="module")
def cases(canary: Path) -> Mapping[str, Hostile]:
    """The cases by the version each is dropped as."""
    return {f"v6.{MINOR}.{number}": case for number, case in enumerate(leading(str(canary)))}


@pytest.fixture(scope="module")
def before(caller: Caller) -> Before:
    """What was live and registered before the first of them."""
    return _now(caller)


def _now(caller: Caller) -> Before:
    listed = caller.call("GET", "/models/versions")[1]
    return Before(listed["active_version"], listed["total_versions"])


@pytest.fixture(scope="module")
def dropped(caller: Caller, before: Before, cases: Mapping[str, Hostile]) -> Mapping[str, Dropped]:
    """Every case by its name; one that took long is dropped once more, as the machine may have been busy."""

    def drop(version: str, case: Hostile) -> Dropped:
        began = time.monotonic()
        deployment = caller.drop(case.key.format(version=version, run=f"{RUN}{version[-1]}"), case.body, case.manifest)
        return Dropped(deployment, time.monotonic() - began)

    found = {case.name: drop(version, case) for version, case in cases.items()}
    for version, case in cases.items():
        if found[case.name].seconds > SECONDS:
            again = drop(version.replace("v6.", "v5."), case)
            found[case.name] = min(found[case.name], again, key=lambda one: one.seconds)
    return found


def test_every_case_is_refused_in_the_expected_words(
    cases: Mapping[str, Hostile], dropped: Mapping[str, Dropped]
) -> None:
    assert len(dropped) >= 60
    said = {case.name: (dropped[case.name].deployment, case.words.split("|")) for case in cases.values()}
    assert {name: one["state"] for name, (one, _) in said.items() if one["state"] != "rejected"} == {}
    unsaid = {name: one["reason"] for name, (one, words) in said.items() if not any(w in one["reason"] for w in words)}
    assert unsaid == {}
    died = {name: one["reason"] for name, (one, _) in said.items() if "packing_failed" in one["reason"]}
    assert died == {}


def test_every_case_is_refused_in_time(dropped: Mapping[str, Dropped]) -> None:
    assert {name: one.seconds for name, one in dropped.items() if one.seconds > SECONDS} == {}


def test_no_case_leaves_anything_but_its_refusal(
    caller: Caller, before: Before, dropped: Mapping[str, Dropped], canary: Path
) -> None:
    assert list(canary.iterdir()) == []
    assert _now(caller) == before


def test_the_next_honest_drop_is_registered(caller: Caller, dropped: Mapping[str, Dropped]) -> None:
    X = np.random.default_rng(7).normal(size=(400, 30))
    honest = LogisticRegression().fit(X, (X[:, 3] > 0.0).astype(np.int8))

    deployment = caller.drop(f"drops/v6.{MINOR}.99999/model.joblib", honest)

    assert deployment["state"] in ("activated", "held"), deployment
