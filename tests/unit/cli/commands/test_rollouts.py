"""rollout, experiment, pardon, simulate."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typer.testing import Result

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
FINDING = {
    "guardrail": "errors",
    "state": "pass",
    "words": "fails 0 of 90",
    "numbers": {"e_value": 4.0, "alpha": 0.002},
}


def rollout(state: str = "running", **more: Any) -> dict[str, Any]:
    look = {"action": "wait", "words": "3 minutes are left", "findings": [FINDING]}
    told = {"rollout_id": "r-1", "version": "v1.2.0", "baseline": "v1.1.0", "strategy": "canary", "state": state}
    moments = {"started_at": "t0", "ended_at": None, "ended_by": None, "outcome": ""}
    return {**told, **moments, "steps": [5, 25, 100], "percent": 25, "verdicts": [look], **more}


def test_a_canary_is_asked_for_with_its_plan(api: "ApiServer", fraudctl: Fraudctl) -> None:
    # GIVEN an API that begins one
    begun = {"previous_version": "v1.1.0", "new_version": "v1.2.0", "revision": 3}
    api.answers("POST", "/models/activate/v1.2.0", {**begun, "rollout_id": "r-1", "strategy": "canary", "share": 5})

    # WHEN it is asked for in either way
    one = fraudctl("activate", "v1.2.0", "--strategy", "canary", "--steps", "5,100", "--bake-minutes", "3")
    other = fraudctl("rollout", "start", "v1.2.0", "--steps", "5,100", "--bake-minutes", "3")

    # THEN the same is sent
    assert one.stdout == other.stdout == "canary of v1.2.0 beside v1.1.0: 5 % now; rollout r-1\n"
    assert [asked.body for asked in api.asked] == [{"strategy": "canary", "steps": [5, 100], "bake_minutes": 3.0}] * 2


def test_steps_that_are_no_numbers_are_wrong_usage(api: "ApiServer", fraudctl: Fraudctl) -> None:
    assert fraudctl("rollout", "start", "v1.2.0", "--steps", "few,many").exit_code == 2
    assert api.asked == []


def test_the_newest_rollout_is_shown_as_a_picture(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/rollouts", {"rollouts": [rollout()]})
    api.answers("GET", "/rollouts/r-1", rollout())

    lines = fraudctl("rollout", "status").stdout.splitlines()

    assert lines[0] == "canary of v1.2.0 beside v1.1.0  running"
    assert lines[1] == "█████░░░░░░░░░░░░░░░ 25 %   (5 % → 25 % → 100 %)"
    assert lines[3].split() == ["errors", "✓", "████░░░░░░░░░░░░░░░░", "fails", "0", "of", "90"]
    assert lines[4] == "wait: 3 minutes are left"


def test_a_rollout_is_watched_until_it_ends(api: "ApiServer", fraudctl: Fraudctl) -> None:
    ended = rollout("promoted", ended_at="t1", ended_by="rollout", outcome="no harm at 25 %")
    api.answers("GET", "/rollouts/r-1", rollout(), ended)

    ran = fraudctl("rollout", "watch", "r-1", "--interval", "0")

    assert "promoted t1 by rollout: no harm at 25 %" in ran.stdout
    assert len(api.asked) == 2


def test_without_a_rollout_there_is_nothing_to_abort(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/rollouts", {"rollouts": []})
    assert fraudctl("rollout", "abort").exit_code == 4
    assert fraudctl("rollout", "list").stdout == "no rollouts\n"


def test_a_pardon_says_what_it_pardons(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("POST", "/models/versions/v1.2.0/pardon", {"version": "v1.2.0", "why": "errors: 50 of 100"})
    ran = fraudctl("pardon", "v1.2.0", "--reason", "the client was broken")
    assert ran.stdout == "v1.2.0 may serve again; it was condemned for: errors: 50 of 100\n"
    assert api.asked[0].body == {"reason": "the client was broken"}


def test_an_experiment_is_shown_with_both_arms(api: "ApiServer", fraudctl: Fraudctl) -> None:
    # GIVEN an experiment with results
    rate = {"point": 0.1, "low": 0.05, "high": 0.2}
    arms = [{"version": version, "exposures": 500, "metrics": {"alert_rate": rate, "recall": None}}
            for version in ("v1.1.0", "v1.2.0")]  # fmt: skip
    results = {"arms": arms, "sample_ratio_mismatch": {"found": False}, "verdict": "not yet: too little"}
    told = {"experiment_id": "e-1", "name": "fewer", "state": "running", "treatment": "v1.2.0", "split": 50.0}
    api.answers("GET", "/experiments/e-1", {**told, "control": "v1.1.0", "metric": "alert_rate", "results": results})

    # WHEN it is shown
    lines = fraudctl("experiment", "show", "e-1").stdout.splitlines()

    # THEN every number is there
    assert lines[1] == "v1.2.0 on 50 % against v1.1.0, by alert_rate"
    assert lines[3].split()[:7] == ["alert_rate", "v1.1.0", "500", "requests", "0.1", "[0.05,", "0.2]"]
    assert lines[-1] == "not yet: too little"


def test_an_experiment_is_started_and_stopped(api: "ApiServer", fraudctl: Fraudctl) -> None:
    body = {"experiment_id": "e-1", "name": "fewer", "state": "running", "treatment": "v1.2.0", "split": 20.0,
            "control": "v1.1.0", "metric": "recall"}  # fmt: skip
    api.answers("POST", "/experiments", body)
    api.answers("POST", "/experiments/e-1/stop", {**body, "state": "stopped"})
    fraudctl("experiment", "start", "v1.2.0", "--name", "fewer", "--split", "20", "--metric", "recall")
    assert "stopped" in fraudctl("experiment", "stop", "e-1").stdout
    assert api.asked[0].body == {"name": "fewer", "treatment": "v1.2.0", "split": 20.0, "metric": "recall", "owner": ""}


def test_a_simulated_rollout_says_what_production_would_decide(fraudctl: Fraudctl) -> None:
    assert "roll_back: errors: fails" in fraudctl("simulate", "rollout", "--errors", "0.5").stdout
    assert "promote: no harm at 25 %" in fraudctl("simulate", "rollout").stdout
