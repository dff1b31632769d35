"""Rollouts and experiments through the handlers: begun, obeyed by predict, ended; one candidate at a time."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from fraud.aws.lean.attributes import from_attributes
from fraud.clock import now, rfc3339
from fraud.packing import pack
from fraud.scoring.risk import Thresholds
from fraud.scoring.schema import DEFAULT_FEATURES
from fraud.versions import lifecycle
from fraud.versions.driver import Driver
from fraud.versions.registry import Registry
from fraud.watch.counter_store import CounterStore
from fraud.watch.slices import counted
from functions.rollout import app as rollout
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, registered, transaction

Event = Callable[..., dict[str, Any]]
Reply = tuple[int, dict[str, Any]]
Call = Callable[..., Reply]


@pytest.fixture(scope="module")
def packed() -> Any:
    return pack(forest(), feature_names=list(DEFAULT_FEATURES))


@pytest.fixture
def call(stack: Stack, event: Event, packed: Any) -> Call:
    """Three registered versions, v1.0.0 and then v1.1.0 active, and a way to call functions by recorded events."""
    for version in ("v1.0.0", "v1.1.0", "v1.2.0"):
        registered(version, forest(), stack.model_bucket, packed=packed)

    def call(name: str, at: str = "", body: object = None) -> Reply:
        asked = event(name)
        asked["path"] = asked["path"].replace("v1.0.0", at).replace("ID", at) if at else asked["path"]
        asked["body"] = asked["body"] if body is None else json.dumps(body)
        response = stack.call(name.split("_", maxsplit=1)[0], asked)
        return response["statusCode"], json.loads(response["body"])

    for version in ("v1.0.0", "v1.1.0"):
        lifecycle.activate_version(Registry(stack.dynamodb, "Registry"), version, by="test", why="test")
    return call


def canary(call: Call, version: str = "v1.2.0", **more: Any) -> Reply:
    return call("models_activate", version, {"strategy": "canary", **more})


def test_a_canary_leaves_the_active_version_active_and_answers_its_share(
    call: Call, stack: Stack, event: Event
) -> None:
    # GIVEN a canary at 40 %
    status, begun = canary(call, steps=[40, 100], reason="try it")
    assert status == 200
    rollout = begun.pop("rollout_id")
    assert begun == {"previous_version": "v1.1.0", "new_version": "v1.2.0", "revision": 3, "strategy": "canary",
                     "share": 40}  # fmt: skip
    assert call("models_active")[1]["version"] == "v1.1.0"

    # WHEN transactions are scored
    X, _ = data()
    scored: Counter[str] = Counter()
    for number in range(60):
        asked = event("predict_transaction", body=json.dumps(transaction(X[number], f"t-{number}")))
        scored[json.loads(stack.call("predict", asked)["body"])["model_version"]] += 1

    # THEN both versions answer
    assert set(scored) == {"v1.1.0", "v1.2.0"}
    assert 12 <= scored["v1.2.0"] <= 36
    told = call("rollout_show", rollout)[1]
    assert (told["state"], told["percent"], told["steps"], told["baseline"]) == ("running", 40, [40, 100], "v1.1.0")


def test_there_is_one_candidate_at_a_time(call: Call) -> None:
    canary(call)
    for asked in ({"strategy": "canary"}, {"strategy": "shadow"}, {"strategy": "all_at_once"}):
        status, body = call("models_activate", "v1.0.0", asked)
        assert (status, body["error"]["code"]) == (409, "rollout_in_progress")
    status, body = call("rollout_experiment", body={"name": "a", "treatment": "v1.0.0"})
    assert (status, body["error"]["code"]) == (409, "rollout_in_progress")


def test_activating_the_candidate_ends_its_rollout(call: Call) -> None:
    rollout = canary(call)[1]["rollout_id"]
    assert call("models_activate", "v1.2.0")[1]["new_version"] == "v1.2.0"
    assert call("rollout_show", rollout)[1]["state"] == "promoted"
    assert call("models_rollback")[1]["current_version"] == "v1.1.0"


def test_a_rollback_during_a_rollout_ends_it_and_goes_to_what_served_before(call: Call) -> None:
    rollout = canary(call)[1]["rollout_id"]

    assert call("models_rollback")[1] == {"previous_version": "v1.1.0", "current_version": "v1.0.0", "revision": 4}

    ended = call("rollout_show", rollout)[1]
    assert (ended["state"], ended["ended_by"]) == ("aborted", "admin")
    assert canary(call)[0] == 200


def test_with_nothing_served_before_a_rollback_ends_the_rollout_alone(call: Call) -> None:
    call("models_rollback")
    canary(call)
    assert call("models_rollback")[1] == {"previous_version": "v1.2.0", "current_version": "v1.0.0", "revision": 5}
    assert call("models_rollback")[1]["error"]["code"] == "no_rollback_target"


def test_an_aborted_rollout_leaves_its_history_and_an_audit_entry(call: Call) -> None:
    # GIVEN a canary that was aborted
    rollout = canary(call)[1]["rollout_id"]
    status, ended = call("rollout_abort", rollout)
    assert (status, ended["state"], ended["outcome"]) == (200, "aborted", "enough seen")

    # THEN it cannot be aborted twice, its version says what happened, and the chain too
    assert call("rollout_abort", rollout)[1]["error"]["code"] == "already_ended"
    told = [(one["event"], one.get("share")) for one in call("models_version", "v1.2.0")[1]["history"]]
    assert told == [("abort", None), ("rollout", 0.05)]
    entries = Registry(boto3.client("dynamodb"), "Registry").audit_entries()
    assert [one.action for one in entries[-2:]] == ["rollout.started", "rollout.aborted"]
    assert [one["rollout_id"] for one in call("rollout_list")[1]["rollouts"]] == [rollout]


def test_a_plan_that_makes_no_sense_is_refused_by_field(call: Call) -> None:
    for field, value in (("steps", [50, 25]), ("steps", [100]), ("bake_minutes", -1)):
        status, answer = call("models_activate", "v1.2.0", {"strategy": "canary", field: value})
        assert (status, answer["error"]["details"][0]["field"]) == (422, field)
    assert canary(call, "v1.1.0")[1]["error"]["code"] == "already_active"
    for name in ("rollout_show", "rollout_abort", "rollout_experiment_show", "rollout_experiment_stop"):
        assert call(name, "nothing")[0] == 404


def test_a_callers_mistake_is_nobodys_failure_and_a_candidates_failure_is_no_callers(
    call: Call, stack: Stack, event: Event, packed: Any
) -> None:
    # GIVEN a candidate that does not know a feature every transaction has
    registered("v1.3.0", forest(), stack.model_bucket, packed=packed, names=[*DEFAULT_FEATURES[:-1], "W28"])
    canary(call, "v1.3.0", steps=[99, 100])
    X, _ = data()

    # WHEN transactions are scored
    answers = []
    for number in range(10):
        asked = event("predict_transaction", body=json.dumps(transaction(X[number], f"t-{number}")))
        answers.append(stack.call("predict", asked))

    # THEN every caller has an answer of the active version, and the failures are the candidate's
    assert [one["statusCode"] for one in answers] == [200] * 10
    assert {json.loads(one["body"])["model_version"] for one in answers} == {"v1.1.0"}
    failures = [one for one in stack.items("Requests") if one["sk"]["S"].startswith("ERR#")]
    assert {(one["v"]["S"], one["code"]["S"]) for one in failures} == {("v1.3.0", "candidate_failed")}
    assert len(failures) >= 9


def test_the_tick_takes_back_a_candidate_whose_bytes_changed_and_says_why(
    call: Call, stack: Stack, event: Event
) -> None:
    # GIVEN a canary whose object is not what was registered any more
    made = registered("v1.4.0", forest(1), stack.model_bucket)
    rollout = canary(call, "v1.4.0")[1]["rollout_id"]
    stack.s3.put_object(Bucket=stack.model_bucket, Key=made.packed_key, Body=b"other bytes")

    # WHEN the minute comes
    stack.call("rollout", event("rollout_tick"))

    # THEN the version is condemned with its evidence and answers nobody
    version = call("models_version", "v1.4.0")[1]
    assert (version["status"], version["condemnation"]["by"]) == ("CONDEMNED", "rollout")
    assert "SHA-256 differs" in version["condemnation"]["why"]
    assert call("rollout_show", rollout)[1]["state"] == "rolled_back"
    assert call("rollout_show", rollout)[1]["verdicts"][0]["action"] == "roll_back"
    assert canary(call, "v1.4.0")[1]["error"]["code"] == "version_not_ready"


def test_the_tick_rolls_back_an_active_version_whose_bytes_changed(call: Call, stack: Stack, event: Event) -> None:
    # GIVEN an active version whose object is not what was registered any more
    made = registered("v1.4.0", forest(1), stack.model_bucket)
    assert call("models_activate", "v1.4.0")[0] == 200
    stack.s3.put_object(Bucket=stack.model_bucket, Key=made.packed_key, Body=b"other bytes")

    # WHEN two minutes come
    for _ in range(2):
        stack.call("rollout", event("rollout_tick"))

    # THEN the version before serves, once and for all
    assert call("models_active")[1]["version"] == "v1.1.0"
    told = call("models_version", "v1.4.0")[1]["history"][0]
    assert (told["event"], told["by"]) == ("replaced", "rollout")
    assert call("models_version", "v1.4.0")[1]["status"] == "CONDEMNED"


def test_the_tick_does_nothing_where_nothing_is_active(stack: Stack, event: Event) -> None:
    stack.call("rollout", event("rollout_tick"))
    assert stack.items("Registry") == [one for one in stack.items("Registry") if one["pk"]["S"].startswith("CLIENT#")]


def test_an_experiment_runs_beside_the_active_version_until_it_is_stopped(call: Call) -> None:
    # GIVEN an experiment
    status, begun = call("rollout_experiment", body={"name": "fewer alerts", "treatment": "v1.2.0", "split": 30})
    assert status == 200
    assert (begun["control"], begun["treatment"], begun["state"]) == ("v1.1.0", "v1.2.0", "running")
    name = begun["experiment_id"]

    # THEN nothing else begins beside it, and it shows that it cannot say anything yet
    assert canary(call)[1]["error"]["code"] == "experiment_in_progress"
    assert call("models_activate", "v1.2.0", {})[1]["error"]["code"] == "experiment_in_progress"
    shown = call("rollout_experiment_show", name)[1]["results"]
    assert shown["verdict"] == "not yet: 0 of the 100 observations of alert rate that each arm needs"
    assert shown["winner"] is None

    # WHEN it is stopped / THEN it stays in the history
    assert call("rollout_experiment_stop", name)[1]["state"] == "stopped"
    assert call("rollout_experiment_stop", name)[1]["error"]["code"] == "already_ended"
    assert [one["state"] for one in call("rollout_experiments")[1]["experiments"]] == ["stopped"]
    assert canary(call)[0] == 200


def test_an_experiment_that_cannot_be_is_refused(call: Call) -> None:
    refused: list[tuple[dict[str, Any], int, str]] = [
        ({"treatment": "v9.9.9"}, 404, "version_not_found"),
        ({"treatment": "latest"}, 422, "invalid_version"),
        ({"treatment": "v1.1.0"}, 422, "invalid_request"),
        ({"treatment": "v1.2.0", "control": "v1.0.0"}, 409, "control_not_active"),
        ({"treatment": "v1.2.0", "split": 100}, 422, "invalid_request"),
        ({"treatment": "v1.2.0", "metric": "vibes"}, 422, "invalid_request"),
    ]
    for body, status, code in refused:
        answer = call("rollout_experiment", body={"name": "a", **body})
        assert (answer[0], answer[1]["error"]["code"]) == (status, code)


def test_what_callers_got_takes_back_a_candidate_that_flags_everything(
    call: Call, stack: Stack, event: Event, packed: Any
) -> None:
    # GIVEN a canary at 50 % of a version whose threshold everything reaches
    registered("v1.5.0", forest(), stack.model_bucket, packed=packed, thresholds=Thresholds(decision=0.0, block=0.9))
    canary(call, "v1.5.0", steps=[50, 100])

    # WHEN 80 transactions were answered, and counted as if they had come three minutes later
    X, _ = data()
    for number in range(80):
        asked = event("predict_transaction", body=json.dumps(transaction(X[number], f"t-{number}")))
        assert stack.call("predict", asked)["statusCode"] == 200
    later = now() + timedelta(minutes=3)
    items = [{**from_attributes(item), "at": rfc3339(later)} for item in stack.items("Requests")]
    counters = CounterStore(stack.dynamodb, "Watch", timedelta(days=30))
    assert (
        counters.count("shard", [(str(n + 1), item) for n, item in enumerate(items)], counted(lambda _: (), 70)) == 80
    )
    Driver(rollout.registry(), rollout.figures(), rollout.problem, 0.7).tick(later + timedelta(minutes=1))

    # THEN it is condemned for its alerts, with the numbers
    version = call("models_version", "v1.5.0")[1]
    assert version["status"] == "CONDEMNED"
    assert version["condemnation"]["why"].startswith("alerts: flags ")
    found = {one["guardrail"]: one for one in version["condemnation"]["evidence"]["findings"]}
    assert found["alerts"]["state"] == "harm"
    assert found["exposure"]["numbers"]["total"] == 80
    assert found["errors"]["numbers"]["candidate"] == 0


def test_a_shadow_scores_what_was_answered_and_answers_nobody(call: Call, stack: Stack, event: Event) -> None:
    # GIVEN a shadow, and ten answers of the active version
    begun = call("models_activate", "v1.2.0", {"strategy": "shadow", "bake_minutes": 5})[1]
    assert begun["share"] == 0
    X, _ = data()
    for number in range(10):
        asked = event("predict_transaction", body=json.dumps(transaction(X[number], f"t-{number}")))
        assert json.loads(stack.call("predict", asked)["body"])["model_version"] == "v1.1.0"

    # WHEN their records come by the stream, twice
    records = [
        {"eventName": "INSERT", "eventSource": "aws:dynamodb",
         "dynamodb": {"SequenceNumber": str(number + 1), "NewImage": wired(item)}}
        for number, item in enumerate(stack.items("Requests"))
    ]  # fmt: skip
    for _ in range(2):
        stack.call("shadow", {"Records": records})

    # THEN each is tallied once, and the same model gives the same
    mine, theirs = rollout.registry().shadowed(begun["rollout_id"])
    assert (mine.requests, mine.errors) == (10, 0)
    assert mine == theirs


def wired(item: dict[str, Any]) -> dict[str, Any]:
    """An item as the stream carries it: binary as base64."""
    coded = {name: {"B": b64encode(value["B"]).decode()} for name, value in item.items() if "B" in value}
    return {**item, **coded}
