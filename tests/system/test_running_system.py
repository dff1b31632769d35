"""The deployed stack, from outside: HTTP, S3 drops and the command line."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.system.caller import Caller, dumped, wait
from training.generator import generate

pytestmark = pytest.mark.system
ROOT = Path(__file__).parents[2]
RUN = uuid.uuid4().hex[:8]
MINOR = int(time.time()) % 900_000  # versions are for ever, so every run names its own


@pytest.fixture(scope="module")
def labelled() -> tuple[Any, Any, list[str]]:
    """Generated transactions: rows, labels, column names."""
    made = generate(rows=8000, seed=11)
    return made.X.astype(np.float64), made.y, [str(name) for name in made.columns]


@pytest.fixture(scope="module")
def models(labelled: tuple[Any, Any, list[str]]) -> dict[str, Any]:
    """A forest and a linear pipeline fitted on half of the rows."""
    X, y, _ = labelled
    return {
        f"v3.{MINOR}.0": RandomForestClassifier(40, min_samples_leaf=2, random_state=0).fit(X[:4000], y[:4000]),
        f"v3.{MINOR}.1": make_pipeline(StandardScaler(), LogisticRegression()).fit(X[:4000], y[:4000]),
    }


@pytest.fixture(scope="module")
def dropped(caller: Caller, models: dict[str, Any], labelled: tuple[Any, Any, list[str]]) -> list[str]:
    """Both models registered through S3."""
    manifest = {"feature_names": labelled[2], "description": "system test"}
    for version, model in models.items():
        deployment = caller.drop(f"drops/{version}/model.joblib", model, manifest)
        assert deployment["state"] in ("activated", "held"), deployment
    return list(models)


def transaction(row: Any, columns: list[str], transaction_id: str) -> dict[str, Any]:
    values = dict(zip(columns, map(float, row), strict=True))
    amount, at = values.pop("Amount"), values.pop("Time")
    return {"transaction_id": transaction_id, "amount": amount, "time": at, "features": values}


def test_predictions_are_scikit_learns_and_each_is_found_in_logs_and_archive(
    caller: Caller, dropped: list[str], models: dict[str, Any], labelled: tuple[Any, Any, list[str]]
) -> None:
    X, _, columns = labelled
    for version, tolerance in zip(dropped, (0.0, 1e-12), strict=True):
        caller.activate(version)
        asked = [transaction(X[4000 + n], columns, f"{RUN}-{version}-{n}") for n in range(60)]
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(caller.predict, asked))
        assert {status for status, _ in replies} == {200}
        assert {body["model_version"] for _, body in replies} == {version}
        ours = np.array([body["fraud_probability"] for _, body in replies])
        assert np.abs(ours - models[version].predict_proba(X[4000:4060])[:, 1]).max() <= tolerance
        for body in (body for _, body in replies[::10]):
            [line] = caller.call("GET", f"/logs?transaction_id={body['transaction_id']}")[1]["logs"]
            assert line["fraud_probability"] == body["fraud_probability"]
        ids = {one["transaction_id"] for one in asked}
        lines = wait(lambda ids=ids: found if ids <= (found := caller.archived()).keys() else None, 90)  # type: ignore[misc]
        assert [lines[body["transaction_id"]]["fraud_probability"] for _, body in replies] == ours.tolist()


def test_the_same_transaction_sent_at_once_from_many_sides_has_one_answer(
    caller: Caller, dropped: list[str], labelled: tuple[Any, Any, list[str]]
) -> None:
    asked = transaction(labelled[0][0], labelled[2], f"{RUN}-same")
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(caller.predict, [asked] * 16))
    answers = {json.dumps({**body, "cache_hit": None}, sort_keys=True) for _, body in replies}
    assert len(answers) == 1
    assert sum(not body["cache_hit"] for _, body in replies) == 1
    assert len(caller.call("GET", f"/logs?transaction_id={RUN}-same")[1]["logs"]) == 1


def test_rollback_returns_to_what_really_served_before(caller: Caller, dropped: list[str]) -> None:
    first, second = dropped
    caller.activate(first)
    assert caller.activate(second)["previous_version"] == first
    before = caller.call("GET", "/models/active")[1]["since"]
    assert caller.activate(first) | {"revision": 0} == {
        "previous_version": second, "new_version": first, "revision": 0,
    }  # fmt: skip
    status, body = caller.call("POST", "/models/rollback")
    assert (status, body["previous_version"], body["current_version"]) == (200, first, second)
    assert caller.active == second
    assert caller.call("GET", f"/models/active?at={before}")[1]["version"] == second


class _Gadget:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(ROOT / ".local" / f"gadget-{RUN}"),)


def test_what_is_no_fraud_model_is_refused_with_a_reason_and_the_active_version_stays(
    caller: Caller, dropped: list[str], labelled: tuple[Any, Any, list[str]]
) -> None:
    X, y, _ = labelled
    active = caller.active
    five = RandomForestClassifier(3).fit(X[:500, :5], y[:500])
    drops: dict[str, tuple[str, object, str]] = {
        "text": (f"drops/v4.{MINOR}.0/model.joblib", b"hello, I am a text file\n" * 9, "invalid_artefact"),
        "dict": (f"drops/v4.{MINOR}.1/model.joblib", pickle.dumps({"no": "estimator"}), "invalid_artefact"),
        "regressor": (f"drops/v4.{MINOR}.2/model.joblib", LinearRegression().fit(X[:99], y[:99]), "LinearRegression"),
        "five": (f"drops/v4.{MINOR}.3/model.joblib", five, "5"),
        "other bytes": (f"drops/{dropped[0]}/model.joblib", five, ""),
        "path": ("drops/../../x/model.joblib", dumped(five) + RUN.encode(), "drops/<version>/<file>"),
        "gadget": (f"drops/v4.{MINOR}.4/model.joblib", pickle.dumps(_Gadget()), "mkdir"),
    }
    for key, artefact, words in drops.values():
        deployment = caller.drop(key, artefact)
        assert deployment["state"] == "rejected", deployment
        assert words in deployment["reason"]
    assert not (ROOT / ".local" / f"gadget-{RUN}").exists()
    assert caller.active == active
    assert not any(f"v4.{MINOR}." in one["version"] for one in caller.call("GET", "/models/versions")[1]["versions"])


@pytest.mark.parametrize(
    ("change", "field"),
    [({"amount": None}, "amount"), ({"amount": float("nan")}, "amount"), ({"features": {"V99": 1.0}}, "features.V99")],
)
def test_a_wrong_transaction_is_refused_by_field(caller: Caller, change: dict[str, Any], field: str) -> None:
    status, body = caller.predict({"transaction_id": RUN, "amount": 1.0, "time": 0.0, "features": {}, **change})
    assert status == 422
    assert [one["field"] for one in body["error"]["details"]] == [field]


def test_a_missing_amount_is_named(caller: Caller) -> None:
    status, body = caller.predict({"transaction_id": RUN, "time": 0.0, "features": {}})
    assert (status, body["error"]["details"][0]["field"]) == (422, "amount")


def test_no_key_and_an_unknown_key_are_forbidden_and_an_unknown_route_is_not_found(caller: Caller) -> None:
    for key in (None, "made-up-key"):
        status, body = caller.call("POST", "/predict", {}, key=key)
        assert (status, body["error"]["code"]) == (403, "missing_or_unknown_key")
    for method, path in (("GET", "/nothing"), ("DELETE", "/predict"), ("GET", "/models/nothing/here")):
        status, body = caller.call(method, path)
        assert (status, body["error"]["code"]) == (404, "not_found")


def test_the_callers_key_may_not_change_what_is_live(caller: Caller, dropped: list[str]) -> None:
    status, body = caller.call("POST", f"/models/activate/{dropped[0]}", {}, key="client")
    assert (status, body["error"]["code"]) == (403, "insufficient_scope")


def test_health_and_the_description_need_no_key(caller: Caller) -> None:
    status, body = caller.call("GET", "/health", key=None)
    assert (status, body["status"]) == (200, "healthy")
    assert "/api/v1/predict" in caller.call("GET", "/openapi.json", key=None)[1]["paths"]


def test_fraudctl_drops_a_model_and_shows_it_live(
    cloud: dict[str, str], caller: Caller, tmp_path: Path, labelled: tuple[Any, Any, list[str]]
) -> None:
    X, y, columns = labelled
    version = f"v3.{MINOR}.9"
    (tmp_path / "outputs.json").write_text(json.dumps(cloud))
    (tmp_path / "model.joblib").write_bytes(dumped(RandomForestClassifier(60, random_state=1).fit(X, y)))
    (tmp_path / "manifest.json").write_text(json.dumps({"feature_names": columns}))

    def fraudctl(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(sys.executable).parent / "fraudctl"), "--outputs", str(tmp_path / "outputs.json"), *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    started = time.monotonic()
    done = fraudctl("drop", str(tmp_path / "model.joblib"), "--version", version)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - started < 30
    listed = json.loads(fraudctl("versions", "--json").stdout)
    [mine] = [one for one in listed["versions"] if one["version"] == version]
    assert mine["metrics"]["f1"] > 0.5
    assert len(mine["sha256"]) == 64
    assert mine["provenance"]["drop_key"] == f"drops/{version}/model.joblib"


def test_ci_begins_a_deployment_over_http_and_follows_it(caller: Caller, labelled: tuple[Any, Any, list[str]]) -> None:
    X, y, columns = labelled
    bundle = {"models": {"forest": RandomForestClassifier(10, random_state=2).fit(X, y)}, "scaler": None,
              "feature_names": columns, "metadata": {}}  # fmt: skip
    body = dumped(bundle)
    bucket = caller.outputs["model_bucket"]
    caller.s3.put_object(Bucket=bucket, Key=f"incoming/{RUN}/model.joblib", Body=body)
    asked = {
        "version": f"v5.{MINOR}.0",
        "model_url": f"s3://{bucket}/incoming/{RUN}/model.joblib",
        "sha256": hashlib.sha256(body).hexdigest(),
        "performance_metrics": {"f1": 0.999},
        "git_commit": "abc123",
        "build_id": RUN,
    }
    status, begun = caller.call("POST", "/deploy", asked)
    assert status == 202, begun
    path = f"/deployments/{begun['deployment_id']}"

    def ended() -> dict[str, Any] | None:
        found = caller.call("GET", path)[1]
        return found if found["state"] in ("activated", "held", "rejected") else None

    assert wait(ended, 60)["state"] in ("activated", "held")
    assert caller.call("POST", "/deploy", asked)[1]["deployment_id"] == begun["deployment_id"]
    found = caller.call("GET", f"/models/versions/v5.{MINOR}.0")[1]
    assert (found["claimed_metrics"], found["provenance"]["build_id"]) == ({"f1": 0.999}, RUN)
    assert caller.call("POST", "/deploy", asked, key="client")[0] == 403


def test_every_change_is_announced_on_the_event_bus(cloud: dict[str, str], caller: Caller, dropped: list[str]) -> None:
    session = boto3.Session("test", "test", region_name=cloud["region"])
    clients: dict[str, Any] = {
        name: session.client(name, endpoint_url=cloud["endpoint_url"]) for name in ("sqs", "events")
    }
    url = clients["sqs"].create_queue(QueueName=f"heard-{RUN}")["QueueUrl"]
    arn = clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["fraud-detection"], "detail-type": ["ModelActivated"]})
    clients["events"].put_rule(Name=f"heard-{RUN}", EventBusName=cloud["event_bus"], EventPattern=pattern)
    target = [{"Id": "queue", "Arn": arn}]
    clients["events"].put_targets(Rule=f"heard-{RUN}", EventBusName=cloud["event_bus"], Targets=target)
    other = next(version for version in dropped if version != caller.active)
    revision = caller.activate(other)["revision"]

    def heard() -> dict[str, Any] | None:
        for message in clients["sqs"].receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []):
            detail: dict[str, Any] = json.loads(message["Body"])["detail"]
            if detail["revision"] == revision:
                return detail
        return None

    assert wait(heard, 90)["version"] == other
