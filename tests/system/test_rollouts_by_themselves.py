"""Rollouts that nobody watches: the minute's tick promotes a sound candidate and takes a broken one back.

A long run, of its own, as each step takes minutes: `SOAK=1 pytest tests/system/test_rollouts_by_themselves.py`.
"""

import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from tests.system.caller import Caller, wait
from training.generator import generate

pytestmark = [pytest.mark.system, pytest.mark.skipif("SOAK" not in os.environ, reason="SOAK=1 runs it")]
MINOR = int(time.time()) % 900_000  # versions are for ever, so every run names its own
SOUND, BROKEN = f"v7.{MINOR}.0", f"v7.{MINOR}.1"
ROWS, SECONDS = 120, 600.0
V = [f"V{number}" for number in range(1, 29)]


class Traffic:
    """Callers who score a batch about every two seconds, and what each transaction of theirs got."""

    def __init__(self, caller: Caller) -> None:
        self._caller, self._stopped = caller, threading.Event()
        self.answered: Counter[str] = Counter()
        self.failed: list[Any] = []
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _send(self) -> None:
        rows, sent = generate(rows=20_000, seed=99), 0
        while not self._stopped.wait(1.0):
            chosen = range(sent % 19_000, sent % 19_000 + ROWS)
            status, answer = self._caller.call(
                "POST", "/predict/batch", [_transaction(rows.X[one]) for one in chosen], key="client"
            )
            sent += ROWS
            self.answered.update(one["model_version"] for one in answer.get("predictions", []))
            if status != 200:
                self.failed.append((status, answer.get("errors", answer)))


def _transaction(row: Any) -> dict[str, Any]:
    features = dict(zip(V, map(float, row[1:29]), strict=True))
    return {"transaction_id": uuid.uuid4().hex, "amount": float(row[29]), "time": float(row[0]), "features": features}


@pytest.fixture
def traffic(caller: Caller) -> Iterator[Traffic]:
    made = Traffic(caller)
    yield made
    made.stop()


def _columns(X: Any) -> Any:
    return np.column_stack([X[:, 29], X[:, 0], X[:, 1:29]])  # the contract's order: amount, time, V1..V28


def _sound() -> Any:
    rows = generate(rows=40_000, seed=3)
    return RandomForestClassifier(60, max_depth=12, min_samples_leaf=3, random_state=1).fit(_columns(rows.X), rows.y)


def _broken() -> Any:
    rows = generate(rows=4_000, seed=3)
    made = LogisticRegression().fit(rows.X[:, 14:15], rows.y)
    made.coef_, made.intercept_ = np.zeros((1, 30)), np.array([3.0])  # flags everything, whatever V14 is
    made.coef_[0, 15], made.n_features_in_ = 0.01, 30
    return made


def _begin(caller: Caller, version: str, steps: list[int]) -> str:
    told = {"strategy": "canary", "steps": steps, "bake_minutes": 1, "reason": "looked at by nobody"}
    status, begun = caller.call("POST", f"/models/activate/{version}", told)
    assert status == 200, begun
    return str(begun["rollout_id"])


def _ended(caller: Caller, rollout_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = caller.call("GET", f"/rollouts/{rollout_id}?limit=1000")[1]
        return found if found["state"] != "running" else None

    return wait(look, SECONDS)


def test_a_sound_candidate_promotes_itself_and_a_broken_one_is_taken_back(caller: Caller, traffic: Traffic) -> None:
    # GIVEN a version that serves, and two more
    first = caller.active
    for version, model in ((SOUND, _sound()), (BROKEN, _broken())):
        assert caller.drop(f"drops/{version}/model.joblib", model)["state"] in ("activated", "held")
    if caller.active != first:
        caller.activate(first)

    # WHEN the sound one is a canary
    promoted = _ended(caller, _begin(caller, SOUND, [30, 100]))

    # THEN it takes over by itself, with the evidence
    assert promoted["state"] == "promoted", promoted
    assert caller.active == SOUND
    assert promoted["verdicts"][0]["action"] == "promote"

    # WHEN the broken one is
    rollout_id = _begin(caller, BROKEN, [30, 100])
    taken_back = _ended(caller, rollout_id)

    # THEN it is taken back within two looks at its traffic, and everybody can read why
    assert taken_back["state"] == "rolled_back", taken_back
    assert len([look for look in taken_back["verdicts"] if _exposed(look)]) <= 2
    assert caller.active == SOUND
    condemned = caller.call("GET", f"/models/versions/{BROKEN}")[1]["condemnation"]
    assert "alert" in condemned["why"]
    assert condemned["evidence"]["findings"]
    alerts = caller.call("GET", "/alerts")[1]["alerts"]
    assert any(BROKEN in one["reason"] or BROKEN in one["metric"] for one in alerts), alerts[:5]
    assert caller.call("POST", f"/models/activate/{BROKEN}", {})[0] == 409
    assert traffic.answered[BROKEN] > 0

    # AND nobody's request failed meanwhile
    assert traffic.failed == []


def _exposed(look: dict[str, Any]) -> bool:
    return any(finding["numbers"].get("requests", 0) > 0 for finding in look["findings"])
