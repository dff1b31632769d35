"""predict: many transactions in, an answer or an error for every one, each recorded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fraud.scoring import batch
from fraud.scoring.items import MAX_ITEMS
from tests.functional.conftest import Stack
from tests.functional.models import data, forest, go_live, transaction

Reply = tuple[int, dict[str, Any]]
Predict = Callable[..., Reply]
DOCUMENT = json.loads((Path(__file__).parents[2] / "layers/fraud/fraud/http/openapi.json").read_text())


@pytest.fixture
def predict(stack: Stack, event: Callable[..., dict[str, Any]]) -> Predict:
    """Post a body to /predict/batch, or to /predict."""

    def call(body: object, recorded: str = "predict_batch", explain: str | None = None, **headers: str) -> Reply:
        text = body if isinstance(body, str) else json.dumps(body)
        asked = event(recorded, body=text, queryStringParameters={"explain": explain} if explain else None)
        asked["headers"] = {**asked["headers"], **headers}
        response = stack.call("predict", asked)
        return response["statusCode"], json.loads(response["body"])

    return call


@pytest.fixture
def live(stack: Stack) -> Stack:
    """A stack with a forest active."""
    go_live("v1.0.0", forest(), stack.model_bucket)
    return stack


def asked(count: int) -> list[dict[str, Any]]:
    X, _ = data()
    return [transaction(X[number], f"t-{number}") for number in range(count)]


def test_each_item_gets_the_models_probability_in_the_order_sent(live: Stack, predict: Predict) -> None:
    X, _ = data()
    for body in (asked(40), {"transactions": asked(40)}):
        status, answer = predict(body)
        assert (status, answer["errors"], answer["success_rate"]) == (200, [], 1.0)
        assert set(answer) == {"batch_id", "predictions", "errors", "total_processing_time_ms", "success_rate"}
        assert [one["transaction_id"] for one in answer["predictions"]] == [f"t-{n}" for n in range(40)]
        ours = [one["fraud_probability"] for one in answer["predictions"]]
        assert ours == forest().predict_proba(X[:40])[:, 1].tolist()
    assert len(live.items("Requests")) == 40


def test_a_batch_and_a_single_request_share_the_stored_answer(live: Stack, predict: Predict) -> None:
    first = predict(asked(1)[0], "predict_transaction")[1]
    again = predict(asked(2))[1]["predictions"]
    assert again[0] == {**first, "cache_hit": True}
    assert predict(asked(2)[1], "predict_transaction")[1] == {**again[1], "cache_hit": True}
    assert len(live.items("Requests")) == 2


def test_bad_items_cost_only_themselves_and_are_recorded(live: Stack, predict: Predict) -> None:
    # GIVEN a missing amount, a NaN, an unknown feature, a number, a transaction too large to score, between good ones
    good = asked(3)
    missing = {name: value for name, value in asked(4)[3].items() if name != "amount"}
    nan = {**good[0], "transaction_id": "nan", "features": {**good[0]["features"], "V3": float("nan")}}
    unknown = {**good[0], "transaction_id": "unknown", "features": {"V99": 1.0}}

    # WHEN
    status, answer = predict([good[0], missing, nan, good[1], unknown, 7, good[2]])

    # THEN
    assert (status, answer["success_rate"]) == (207, 3 / 7)
    assert [one["transaction_id"] for one in answer["predictions"]] == ["t-0", "t-1", "t-2"]
    assert [(one["index"], one["transaction_id"], one["error"]["code"]) for one in answer["errors"]] == [
        (1, "t-3", "invalid_transaction"),
        (2, "nan", "invalid_transaction"),
        (4, "unknown", "invalid_transaction"),
        (5, None, "invalid_transaction"),
    ]
    fields = [[told["field"] for told in one["error"]["details"]] for one in answer["errors"]]
    assert fields == [["amount"], ["features.V3"], ["features.V99"], ["$"]]
    stored = live.items("Requests")
    assert sorted(item["s"]["N"] for item in stored) == ["200"] * 3 + ["422"] * 4
    assert {item["ep"]["S"] for item in stored} == {"/predict/batch"}
    assert {item["pk"]["S"] for item in stored if item["s"]["N"] == "422"} >= {"TXN#t-3", "TXN#nan", "TXN#unknown"}


def test_a_row_without_a_finite_answer_fails_alone(live: Stack, predict: Predict) -> None:
    go_live("v1.1.0", make_pipeline(StandardScaler(), LogisticRegression()).fit(*data()), live.model_bucket)
    huge = {**asked(1)[0], "transaction_id": "huge", "features": {"V1": 1.7e308, "V2": 1.7e308}}
    status, answer = predict([asked(1)[0], huge])
    assert (status, len(answer["predictions"])) == (207, 1)
    assert [(one["index"], one["error"]["code"]) for one in answer["errors"]] == [(1, "invalid_request")]


def test_equal_items_are_decided_once_and_an_id_with_other_data_is_another(live: Stack, predict: Predict) -> None:
    one = asked(1)[0]
    other = {**one, "amount": 77.0}
    status, answer = predict([one, other, one, dict(reversed(one.items()))])
    assert status == 200
    assert answer["predictions"][0] == answer["predictions"][2] == answer["predictions"][3]
    assert answer["predictions"][0] != answer["predictions"][1]
    assert len(live.items("Requests")) == 2


def test_a_batch_sent_again_gives_the_stored_answers_and_rescore_new_ones(live: Stack, predict: Predict) -> None:
    first = predict(asked(5))[1]["predictions"]
    go_live("v1.1.0", forest(seed=1), live.model_bucket)
    assert predict(asked(5))[1]["predictions"] == [{**one, "cache_hit": True} for one in first]
    anew = predict(asked(5), **{"X-Rescore": "true"})[1]["predictions"]
    assert {(one["model_version"], one["cache_hit"]) for one in anew} == {("v1.1.0", False)}
    assert len(live.items("Requests")) == 10


def test_explanations_can_be_left_out_and_are_recorded_all_the_same(live: Stack, predict: Predict) -> None:
    assert [one["explanation"] for one in predict(asked(2), explain="false")[1]["predictions"]] == [None] * 2
    assert all(one["explanation"]["method"] for one in predict(asked(2))[1]["predictions"])
    status, answer = predict(asked(1), explain="no")
    assert (status, answer["error"]["details"][0]["field"]) == (422, "explain")


def test_explanations_give_way_when_the_reply_would_exceed_what_lambda_carries(
    live: Stack, predict: Predict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fraud.scoring.batch_reply.LAMBDA_REPLY_BYTES", 5_000)
    assert [one["explanation"] for one in predict(asked(9))[1]["predictions"]] == [None] * 9
    status, answer = predict(asked(40))
    assert (status, answer["error"]["code"]) == (413, "too_large")


def test_a_body_that_is_no_batch_is_refused_as_a_whole_and_logged(live: Stack, predict: Predict) -> None:
    # GIVEN
    refusals = {
        "{": (400, "malformed_json"),
        "[]": (422, "invalid_request"),
        '{"transactions": []}': (422, "invalid_request"),
        '{"transactions": {}}': (422, "invalid_request"),
        '{"transactions": [1], "more": 1}': (422, "invalid_request"),
        "7": (422, "invalid_request"),
        json.dumps([1] * (MAX_ITEMS + 1)): (413, "too_large"),
    }

    # WHEN
    replies = [predict(body) for body in refusals]

    # THEN
    told = [(status, answer["error"]["code"]) for status, answer in replies]
    assert told == list(refusals.values())
    assert "1001" in replies[-1][1]["error"]["message"]
    stored = [(int(item["s"]["N"]), item["code"]["S"]) for item in live.items("Requests")]
    assert sorted(stored) == sorted(told)


def test_with_nothing_active_the_whole_batch_is_503(stack: Stack, predict: Predict) -> None:
    status, answer = predict(asked(2))
    assert (status, answer["error"]["code"]) == (503, "no_active_model")


def test_no_answer_is_given_that_the_log_does_not_hold(live: Stack, predict: Predict) -> None:
    live.dynamodb.delete_table(TableName="Requests")
    status, answer = predict(asked(3))
    assert (status, answer["predictions"], answer["success_rate"]) == (207, [], 0.0)
    assert {one["error"]["code"] for one in answer["errors"]} == {"dependency_unavailable"}


def test_when_time_runs_out_the_rest_is_503_instead_of_a_timeout(
    live: Stack, predict: Predict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "RECORDING_SECONDS", -1.0)
    status, answer = predict(asked(3))
    assert (status, len(answer["errors"])) == (207, 3)
    assert live.items("Requests") == []


def test_the_log_lists_every_item_of_a_batch(
    live: Stack, predict: Predict, event: Callable[..., dict[str, Any]]
) -> None:
    # GIVEN one id three times: two contents, and one that is refused
    one = asked(1)[0]
    answer = predict([one, {**one, "amount": 77.0}, {**one, "amount": -1}])[1]

    # WHEN
    found = live.call("monitoring", event("monitoring_logs", queryStringParameters={"transaction_id": "t-0"},
                                          multiValueQueryStringParameters={"transaction_id": ["t-0"]}))  # fmt: skip
    lines = json.loads(found["body"])["logs"]

    # THEN
    assert sorted(line["status_code"] for line in lines) == [200, 200, 422]
    logged = {line["amount"]: line["fraud_probability"] for line in lines if line["status_code"] == 200}
    told = {sent["amount"]: got for sent, got in zip([one, {"amount": 77.0}], answer["predictions"], strict=True)}
    assert logged == {amount: got["fraud_probability"] for amount, got in told.items()}


words = st.text(st.characters(), max_size=5)  # lone surrogates too
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
near_misses = st.fixed_dictionaries(
    {"transaction_id": st.text(st.characters(), max_size=3) | json_values, "amount": st.floats() | json_values},
    optional={
        "time": st.floats(0, 1e9) | json_values,
        "features": st.dictionaries(st.sampled_from(["V1", "V2", "\ud800"]), st.floats() | json_values) | json_values,
        "location": words,
    },
)
bodies = json_values | st.lists(near_misses | json_values, max_size=4) | st.fixed_dictionaries(
    {"transactions": st.lists(near_misses, max_size=4) | json_values}
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies)
def test_any_json_gives_an_answer_that_the_description_promises(live: Stack, predict: Predict, body: Any) -> None:
    status, answer = predict(body)
    assert status in (200, 207, 400, 413, 422)
    described = DOCUMENT["paths"]["/api/v1/predict/batch"]["post"]["responses"][str(status)]
    schema = described["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": DOCUMENT["components"]})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=near_misses | json_values)
def test_any_json_to_the_single_route_gives_an_answer_too(live: Stack, predict: Predict, body: Any) -> None:
    status, answer = predict(body, "predict_transaction")
    assert status in (200, 400, 413, 422)
    described = DOCUMENT["paths"]["/api/v1/predict"]["post"]["responses"][str(status)]
    schema = described["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": DOCUMENT["components"]})
