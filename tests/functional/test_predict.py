"""predict: one transaction in, one recorded, explained answer out."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from fraud.aws.lean.attributes import to_attributes
from fraud.scoring.risk import Thresholds
from fraud.scoring.schema import DEFAULT_FEATURES
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction

Reply = tuple[int, dict[str, Any]]
Predict = Callable[..., Reply]


@pytest.fixture
def predict(stack: Stack, event: Callable[..., dict[str, Any]]) -> Predict:
    """Post a body to /predict."""

    def call(body: object, explain: str | None = None, **headers: str) -> Reply:
        text = body if isinstance(body, str) else json.dumps(body)
        query = {"explain": explain} if explain else None
        asked = event("predict_transaction", body=text, queryStringParameters=query)
        asked["headers"] = {**asked["headers"], **headers}
        response = stack.call("predict", asked)
        return response["statusCode"], json.loads(response["body"])

    return call


@pytest.fixture
def live(stack: Stack) -> Stack:
    """A stack with a forest active."""
    go_live("v1.0.0", forest(), stack.model_bucket)
    return stack


def test_the_answer_is_the_models_probability_with_everything_the_contract_names(live: Stack, predict: Predict) -> None:
    X, _ = data()
    status, answer = predict(transaction(X[0], "t-0"))
    assert status == 200
    assert answer["fraud_probability"] == forest().predict_proba(X[:1])[0, 1]
    assert set(answer) == {
        "transaction_id", "is_fraud", "fraud_probability", "risk_score", "model_version", "processing_time_ms",
        "explanation", "cache_hit", "imputed_features", "request_id",
    }  # fmt: skip
    assert (answer["transaction_id"], answer["model_version"], answer["cache_hit"]) == ("t-0", "v1.0.0", False)
    assert answer["imputed_features"] == []


def test_reasons_add_up_to_the_margin(live: Stack, predict: Predict) -> None:
    X, _ = data()
    for number in range(20):
        told = predict(transaction(X[number], f"t-{number}"))[1]["explanation"]
        listed = [*told["risk_factors"], *told["protective_factors"]]
        total = told["base"] + math.fsum(one["contribution"] for one in listed) + told["other"]
        assert math.isclose(total, told["margin"], abs_tol=1e-9)
        assert all(one["contribution"] > 0 for one in told["risk_factors"])
        assert all(one["contribution"] < 0 for one in told["protective_factors"])
        assert (told["method"], told["unit"]) == ("tree_path_dependent_shap", "probability")


def test_reasons_have_codes_and_words_that_follow_from_their_numbers(live: Stack, predict: Predict) -> None:
    X, _ = data()
    told = predict(transaction(X[0], "t-0"))[1]["explanation"]
    assert told["risk_factors"]
    assert told["protective_factors"]
    for one in (*told["risk_factors"], *told["protective_factors"]):
        way = "raises" if one["contribution"] > 0 else "lowers"
        assert one["code"] == f"{one['factor']}.{way}"
        assert one["impact"] == (
            f"{one['factor']} = {one['value']:.6g} {way} the fraud probability by {abs(one['contribution']):.4g}"
        )


def test_an_answer_without_reasons_is_the_same_answer_and_on_record_with_them(live: Stack, predict: Predict) -> None:
    # GIVEN an answer whose reasons nobody wants
    X, _ = data()
    status, brief = predict(transaction(X[0], "t-0"), explain="false")

    # WHEN it is asked for again with them
    full = predict(transaction(X[0], "t-0"), explain="true")[1]

    # THEN they are there; a word that is neither is refused
    assert (status, brief["explanation"]) == (200, None)
    assert full == {**brief, "explanation": full["explanation"], "cache_hit": True}
    assert full["explanation"]["method"] == "tree_path_dependent_shap"
    assert predict(transaction(X[1], "t-1"), explain="maybe")[1]["error"]["details"][0]["field"] == "explain"


def test_the_same_transaction_again_gives_the_stored_answer(live: Stack, predict: Predict) -> None:
    X, _ = data()
    first = predict(transaction(X[0], "t-0", location="Lisbon", merchant_category="gambling"))[1]
    again = predict(transaction(X[0], "t-0", location="Lisbon", merchant_category="gambling"))[1]
    assert again == {**first, "cache_hit": True}
    assert len(live.items("Requests")) == 1


def test_a_replay_keeps_the_version_that_answered_first(live: Stack, predict: Predict) -> None:
    X, _ = data()
    first = predict(transaction(X[0], "t-0"))[1]
    go_live("v1.1.0", forest(seed=1), live.model_bucket)
    assert predict(transaction(X[0], "t-0"))[1] == {**first, "cache_hit": True}
    assert predict(transaction(X[1], "t-1"))[1]["model_version"] == "v1.1.0"


def test_the_same_id_with_other_data_is_another_decision(live: Stack, predict: Predict) -> None:
    X, _ = data()
    first = predict(transaction(X[0], "t-0"))[1]
    other = predict({**transaction(X[0], "t-0"), "amount": 77.0})[1]
    assert (first["cache_hit"], other["cache_hit"]) == (False, False)
    assert len(live.items("Requests")) == 2


def test_rescore_scores_and_logs_anew(live: Stack, predict: Predict) -> None:
    X, _ = data()
    predict(transaction(X[0], "t-0"))
    assert predict(transaction(X[0], "t-0"), **{"X-Rescore": "true"})[1]["cache_hit"] is False
    assert len(live.items("Requests")) == 2


def test_a_stored_decision_stays_under_one_kilobyte(live: Stack, predict: Predict) -> None:
    X, _ = data()
    predict(transaction(X[0], "3f2504e0-4f89-41d3-9a0c-0305e82c3301", location="x" * 200, entity_id="e" * 100))
    [item] = live.items("Requests")
    assert sum(len(name) + _size(value) for name, value in item.items()) <= 1024


def _size(value: dict[str, Any]) -> int:
    [held] = value.values()
    return len(held) if isinstance(held, bytes | str) else 1


def test_personal_data_is_stored_as_tokens_only(live: Stack, predict: Predict) -> None:
    X, _ = data()
    predict(transaction(X[0], "t-0", location="Rua Augusta 7", entity_id="4111111111111111", merchant_category="Jo@x"))
    stored = str(live.items("Requests"))
    assert not any(secret in stored for secret in ("Augusta", "4111", "Jo@x"))
    assert stored.count("tok_") == 3


def test_missing_features_are_imputed_and_listed(live: Stack, predict: Predict) -> None:
    X, _ = data()
    asked = transaction(X[0], "t-0")
    del asked["features"]["V7"]
    status, answer = predict(asked)
    assert (status, answer["imputed_features"]) == (200, ["V7"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"transaction_id": "t", "time": 1, "features": {}}', "amount"),
        ('{"transaction_id": "t", "amount": NaN, "time": 1, "features": {}}', "amount"),
        ('{"transaction_id": "t", "amount": 1, "time": 1, "features": {"V99": 1}}', "features.V99"),
    ],
)
def test_a_refused_transaction_names_the_field_and_is_logged(
    live: Stack, predict: Predict, body: str, field: str
) -> None:
    status, answer = predict(body)
    assert (status, answer["error"]["code"]) == (422, "invalid_transaction")
    assert [one["field"] for one in answer["error"]["details"]] == [field]
    [item] = live.items("Requests")
    assert (item["pk"], item["s"]) == ({"S": "TXN#t"}, {"N": "422"})
    assert item["failure_day"]["S"] == item["at"]["S"][:10]


def test_a_body_that_is_not_json_is_400(live: Stack, predict: Predict) -> None:
    status, answer = predict("{")
    assert (status, answer["error"]["code"]) == (400, "malformed_json")


def test_an_answer_the_log_refuses_is_503_and_never_given(live: Stack, predict: Predict) -> None:
    X, _ = data()
    live.dynamodb.delete_table(TableName="Requests")
    status, answer = predict(transaction(X[0], "t-0"))
    assert (status, answer["error"]["code"]) == (503, "dependency_unavailable")


def test_with_nothing_active_the_answer_is_503(stack: Stack, predict: Predict) -> None:
    X, _ = data()
    status, answer = predict(transaction(X[0], "t-0"))
    assert (status, answer["error"]["code"]) == (503, "no_active_model")


def test_a_model_whose_bytes_changed_is_never_served(live: Stack, predict: Predict) -> None:
    X, _ = data()
    [stored] = live.s3.list_objects_v2(Bucket=live.model_bucket)["Contents"]
    data_read = live.s3.get_object(Bucket=live.model_bucket, Key=stored["Key"])["Body"].read()
    live.s3.put_object(Bucket=live.model_bucket, Key=stored["Key"], Body=data_read[:-1] + b"\x00\x01")
    status, answer = predict(transaction(X[0], "t-0"))
    assert (status, answer["error"]["code"]) == (503, "model_unavailable")


def test_a_warm_instance_keeps_the_old_version_when_the_new_one_cannot_be_loaded(live: Stack, predict: Predict) -> None:
    X, _ = data()
    predict(transaction(X[0], "t-0"))
    made = go_live("v1.1.0", forest(seed=1), live.model_bucket)
    live.s3.put_object(Bucket=live.model_bucket, Key=made.packed_key, Body=b"broken")
    status, answer = predict(transaction(X[1], "t-1"))
    assert (status, answer["model_version"]) == (200, "v1.0.0")


def test_a_cold_instance_answers_with_what_served_before_when_the_new_one_cannot_be_loaded(
    live: Stack, predict: Predict, event: Callable[..., dict[str, Any]]
) -> None:
    # GIVEN three versions that served in turn, the last broken and the one before it condemned
    X, _ = data()
    go_live("v1.1.0", forest(seed=1), live.model_bucket)
    made = go_live("v1.2.0", forest(seed=2), live.model_bucket)
    live.s3.put_object(Bucket=live.model_bucket, Key=made.packed_key, Body=b"broken")
    condemned = to_attributes({"pk": "VERSION#v1.1.0", "sk": "CONDEMNED", "why": "error rate", "at": "t", "by": "t"})
    live.dynamodb.put_item(TableName="Registry", Item=condemned)

    # WHEN an instance starts
    status, answer = predict(transaction(X[2], "t-2"))

    # THEN the nearest that may serve answers under its own name, and health says so
    assert (status, answer["model_version"]) == (200, "v1.0.0")
    found = json.loads(live.call("health", event("health_http"))["body"])
    [check] = [check for check in found["checks"] if check["name"] == "active_model"]
    assert (found["status"], check["status"]) == ("degraded", "warn")
    assert "served before" in check["detail"]


def test_the_versions_own_threshold_decides(stack: Stack, predict: Predict) -> None:
    X, _ = data()
    p = forest().predict_proba(X)[:, 1]
    number = int(((p > 0.2) & (p < 0.4)).argmax())
    go_live("v1.0.0", forest(), stack.model_bucket, thresholds=Thresholds(0.15, 0.8))
    answer = predict(transaction(X[number], "t-0"))[1]
    assert answer["is_fraud"] is True
    assert answer["explanation"]["recommendation"] == "verify"
    assert 50 <= answer["risk_score"] < 80


def test_the_schema_is_the_contracts_default() -> None:
    assert DEFAULT_FEATURES[:3] == ("amount", "time", "V1")
