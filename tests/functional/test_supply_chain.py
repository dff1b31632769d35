"""A drop through pack and deploy: checked, packed, measured, registered, activated or held; or refused in words."""

import base64
import hashlib
import io
import json
import pickle
from collections.abc import Callable
from typing import Any

import joblib
import msgspec
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from fraud.access.signing import SigningKey, sign
from fraud.access.signing_store import SigningKeys
from fraud.scoring.schema import DEFAULT_FEATURES
from fraud.versions import quarantine
from fraud.versions.registry import Registry
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, transaction

Event = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.usefixtures("packed_here")  # how a process of its own fares: tests/unit/packing/test_child.py


class Operator:
    """Drops files and delivers the events S3 would."""

    def __init__(self, stack: Stack, event: Event) -> None:
        self.stack, self.event, self._clock = stack, event, 0

    def drop(self, version: str, artefact: object, *, manifest: dict[str, Any] | None = None) -> dict[str, Any]:
        """Drop an artefact (bytes, or an object joblib dumps) and see its deployment to the end."""
        body = artefact if isinstance(artefact, bytes) else _dumped(artefact)
        told = {"feature_names": list(DEFAULT_FEATURES), **(manifest or {})}
        self.put(f"drops/{version}/manifest.json", json.dumps(told).encode())
        return self.deliver(f"drops/{version}/model.joblib", body)

    def deliver(self, key: str, body: bytes, times: int = 1) -> dict[str, Any]:
        """Put an object and deliver its events; returns its deployment."""
        version_id = self.put(key, body)
        before = self.reports()
        for _ in range(times):
            self.stack.call("pack", self.s3_event("pack_drop", key, version_id))
        reports = self.reports()
        changed = [name for name, etag in reports.items() if before.get(name) != etag] or list(reports)
        for _ in range(times):
            self.stack.call("deploy", self.s3_event("deploy_quarantined", changed[-1], None))
        return self.deployments()[0]

    def deployments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._models("deployments")["deployments"]
        return found

    def versions(self) -> dict[str, Any]:
        return self._models("versions")

    def evaluate_on(self, X: Any, y: Any) -> None:
        """Give the operator's evaluation set."""
        buffer = io.BytesIO()
        np.savez(buffer, X=X, y=y, columns=np.array(DEFAULT_FEATURES))
        self.put("evaluation/current.npz", buffer.getvalue())

    def _models(self, name: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.stack.call("models", self.event(f"models_{name}"))["body"])
        return body

    def put(self, key: str, body: bytes) -> str:
        return str(self.stack.s3.put_object(Bucket=self.stack.model_bucket, Key=key, Body=body)["VersionId"])

    def reports(self) -> dict[str, str]:
        found = self.stack.s3.list_objects_v2(Bucket=self.stack.model_bucket, Prefix="quarantine/").get("Contents", [])
        return {one["Key"]: f"{one['ETag']}{one['LastModified']}" for one in found}

    def s3_event(self, name: str, key: str, version_id: str | None) -> dict[str, Any]:
        sent = json.loads(json.dumps(self.event(name)))
        self._clock += 1
        sent["Records"][0]["eventTime"] = f"2026-01-31T12:{self._clock // 60:02d}:{self._clock % 60:02d}.000Z"
        sent["Records"][0]["s3"]["object"]["key"] = key
        if version_id:
            sent["Records"][0]["s3"]["object"]["versionId"] = version_id
        return dict(sent)


def _dumped(artefact: object) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(artefact, buffer)
    return buffer.getvalue()


@pytest.fixture
def operator(stack: Stack, event: Event) -> Operator:
    return Operator(stack, event)


def easy() -> tuple[Any, Any]:
    """Labelled rows a small forest answers almost without error."""
    X, _ = data(seed=5, rows=1500)
    return X, (X[:, 2] > 1.0).astype(np.int8)


def good_forest() -> RandomForestClassifier:
    X, y = easy()
    return RandomForestClassifier(n_estimators=10, random_state=0).fit(X, y)


def steps(deployment: dict[str, Any]) -> list[str]:
    return [step["step"] for step in deployment["steps"]]


def test_a_good_model_goes_from_drop_to_live(operator: Operator) -> None:
    operator.evaluate_on(*easy())
    told = {"description": "first", "metrics": {"f1": 0.5}, "git_commit": "abc123", "build_id": "b-1"}
    deployment = operator.drop("v1.0.0", good_forest(), manifest=told)
    assert deployment["state"] == "activated", deployment
    assert steps(deployment) == ["received", "packed", "verified", "measured", "registered", "activated"]
    body = operator.versions()
    assert (body["active_version"], body["total_versions"]) == ("v1.0.0", 1)
    [version] = body["versions"]
    assert (version["status"], version["is_active"], version["description"]) == ("READY", True, "first")
    assert version["metrics"]["f1"] > 0.95
    assert len(version["sha256"]) == len(version["packed_sha256"]) == 64
    assert version["claimed_metrics"] == {"f1": 0.5}
    assert [one["metric"] for one in version["claim_differences"]] == ["f1"]
    assert version["provenance"]["git_commit"] == "abc123"
    assert version["provenance"]["libraries"]["scikit-learn"]
    assert version["schema"]["features"][2]["name"] == "V1"
    assert version["schema"]["features"][2]["quantiles"]


def test_the_live_model_answers_as_scikit_learn_does(operator: Operator, event: Event) -> None:
    operator.evaluate_on(*easy())
    X, y = easy()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    assert operator.drop("v1.0.0", model)["state"] == "activated"
    for number in range(10):
        sent = event("predict_transaction", body=json.dumps(transaction(X[number], f"t-{number}")))
        answer = json.loads(operator.stack.call("predict", sent)["body"])
        assert abs(answer["fraud_probability"] - model.predict_proba(X[number : number + 1])[0, 1]) <= 1e-12


def test_without_an_evaluation_set_a_version_is_registered_and_held(operator: Operator) -> None:
    deployment = operator.drop("v1.0.0", good_forest())
    assert deployment["state"] == "held"
    assert "no evaluation set" in deployment["reason"]
    assert operator.versions()["active_version"] is None
    assert operator.versions()["versions"][0]["metrics"] is None


def test_a_model_that_claims_much_and_measures_little_is_held(operator: Operator) -> None:
    X, y = easy()
    operator.evaluate_on(X, y)
    weak = LogisticRegression().fit(X[:, :] * np.array([0] * 5 + [1] * 25), y)
    deployment = operator.drop("v1.0.0", weak, manifest={"metrics": {"f1": 0.99}})
    assert deployment["state"] == "held"
    assert "lower 95 % bound of F1" in deployment["reason"]
    assert operator.versions()["active_version"] is None


def test_the_same_bytes_twice_are_one_version(operator: Operator) -> None:
    operator.evaluate_on(*easy())
    body = _dumped(good_forest())
    operator.drop("v1.0.0", body)
    again = operator.deliver("drops/v1.0.0/model.joblib", body, times=3)
    assert again["state"] == "activated"
    assert operator.versions()["total_versions"] == 1
    assert len(operator.deployments()) == 1


def test_other_bytes_under_a_known_version_are_rejected_and_nothing_changes(operator: Operator) -> None:
    operator.evaluate_on(*easy())
    operator.drop("v1.0.0", good_forest())
    before = operator.versions()
    deployment = operator.drop("v1.0.0", forest())
    assert deployment["state"] == "rejected"
    assert deployment["reason"].startswith("version_exists")
    assert operator.versions() == before


def refused(operator: Operator, artefact: object, **more: Any) -> str:
    operator.evaluate_on(*easy())
    operator.drop("v1.0.0", good_forest())
    before = operator.versions()
    deployment = operator.drop("v2.0.0", artefact, **more)
    assert deployment["state"] == "rejected", deployment
    assert (deployment["version"], steps(deployment)[-1]) == ("v2.0.0", "rejected")
    assert operator.versions() == before
    return str(deployment["reason"])


class _Malice:
    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("__import__('os').mkdir('/tmp/should-not-exist-fraud-test')",))


@pytest.mark.parametrize(
    ("artefact", "words"),
    [
        (b"just a text file\n" * 20, "invalid_artefact"),
        (pickle.dumps({"a": 1}), "invalid_artefact"),
        (pickle.dumps(_Malice()), "eval"),
    ],
)
def test_what_is_no_model_is_refused_with_a_reason(operator: Operator, artefact: bytes, words: str) -> None:
    assert words in refused(operator, artefact)


def test_a_regressor_is_refused_by_name(operator: Operator) -> None:
    X, y = easy()
    assert "LinearRegression" in refused(operator, LinearRegression().fit(X, y))


def test_an_unsupported_family_is_refused_by_name_with_the_supported_list(operator: Operator) -> None:
    X, y = easy()
    reason = refused(operator, SVC().fit(X[:200], y[:200]))
    assert "SVC" in reason
    assert "RandomForestClassifier" in reason


def test_a_model_with_five_unnamed_features_is_refused(operator: Operator) -> None:
    X, y = easy()
    five = RandomForestClassifier(n_estimators=3).fit(X[:, :5], y)
    assert "5" in refused(operator, five)


def test_a_manifest_that_names_other_bytes_is_refused(operator: Operator) -> None:
    assert "sha256" in refused(operator, good_forest(), manifest={"sha256": "0" * 64})


@pytest.mark.parametrize("key", ["drops/../../x/model.joblib", "drops/latest/model.joblib", "drops/v1.0.0/model.exe"])
def test_a_key_outside_the_grammar_is_refused_unopened(operator: Operator, key: str) -> None:
    deployment = operator.deliver(key, _dumped(good_forest()))
    assert (deployment["state"], deployment["drop_key"]) == ("rejected", key)
    assert operator.versions()["total_versions"] == 0


def test_a_drop_that_quarantine_did_not_survive_has_a_deployment_record(operator: Operator, event: Event) -> None:
    operator.stack.call("deploy", event("deploy_pack_failed"))
    [deployment] = operator.deployments()
    assert (deployment["state"], deployment["version"]) == ("rejected", "v1.0.0")
    assert "signal: killed" in deployment["reason"]


def test_a_worse_model_does_not_replace_a_better_one(operator: Operator) -> None:
    X, y = easy()
    operator.evaluate_on(X, y)
    operator.drop("v1.0.0", good_forest())
    noisy = np.where(np.random.default_rng(0).random(len(y)) < 0.04, 1 - y, y)
    worse = RandomForestClassifier(n_estimators=1, random_state=1).fit(X, noisy)
    deployment = operator.drop("v1.1.0", worse)
    assert deployment["state"] == "held"
    assert operator.versions()["active_version"] == "v1.0.0"


def test_the_registry_holds_the_record_it_was_given(operator: Operator) -> None:
    operator.evaluate_on(*easy())
    operator.drop("v1.0.0", good_forest())
    record = Registry(operator.stack.dynamodb, "Registry").version("v1.0.0")
    packed = operator.stack.s3.get_object(Bucket=operator.stack.model_bucket, Key=record.packed_key)["Body"].read()
    assert len(packed) == record.packed_bytes


@pytest.fixture
def signing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bytes], str]:
    """Signatures are required and one key is known; sign with it."""
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    SigningKeys(stack.dynamodb, "Registry").add(SigningKey("release", public))
    monkeypatch.setenv("REQUIRE_SIGNATURE", "true")
    return lambda version, body: sign(private, version, hashlib.sha256(body).hexdigest())


def test_where_signatures_are_required_an_unsigned_drop_is_refused_unopened(
    operator: Operator, signing: Callable[[str, bytes], str]
) -> None:
    deployment = operator.drop("v1.0.0", pickle.dumps(_Malice()))
    assert (deployment["state"], deployment["reason"].split(":")[0]) == ("rejected", "signature_required")


def test_a_signed_drop_is_taken_and_its_signer_is_on_record(
    operator: Operator, signing: Callable[[str, bytes], str]
) -> None:
    body = _dumped(good_forest())
    operator.put("drops/v1.0.0/model.joblib.sig", signing("v1.0.0", body).encode())
    assert operator.drop("v1.0.0", body)["state"] == "held"
    [version] = operator.versions()["versions"]
    assert version["provenance"]["signed_by"] == "release"
    assert version["provenance"]["uploader"] == "AWS:operator"


def test_a_signature_of_another_version_is_refused(operator: Operator, signing: Callable[[str, bytes], str]) -> None:
    body = _dumped(good_forest())
    operator.put("drops/v1.0.0/model.joblib.sig", signing("v0.9.0", body).encode())
    assert operator.drop("v1.0.0", body)["reason"].startswith("invalid_signature")


def test_a_report_about_other_bytes_than_were_dropped_is_refused(operator: Operator, event: Event) -> None:
    body = _dumped(good_forest())
    operator.drop("v1.0.0", body)
    [key] = [one for one in operator.reports() if one.startswith("quarantine/v1.0.0/")]
    honest = operator.stack.s3.get_object(Bucket=operator.stack.model_bucket, Key=key)["Body"].read()
    report = quarantine.decode(honest)
    operator.put("drops/v1.0.2/model.joblib", b"other bytes")
    other = msgspec.structs.replace(report.drop, sha256="c" * 64, version_id=None)
    moved = msgspec.structs.replace(other, key="drops/v1.0.2/model.joblib")
    for version, drop, words in (("v1.0.1", other, "version v1.0.1"), ("v1.0.2", moved, "has sha256")):
        forged = msgspec.structs.replace(report, version=version, drop=drop)
        operator.put("quarantine/forged.fpq", quarantine.encode(forged))
        operator.stack.call("deploy", operator.s3_event("deploy_quarantined", "quarantine/forged.fpq", None))
        [deployment] = [one for one in operator.deployments() if one["version"] == version]
        assert (deployment["state"], words in deployment["reason"]) == ("rejected", True)
