"""How many calls to AWS a request makes: each is waited for and paid for, so the numbers are part of the contract."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.functional.conftest import Stack, go_cold
from tests.functional.models import data, forest, go_live, transaction
from tests.functional.network import counted

Asked = Callable[..., list[str]]
COLD = ["GetItem", "GetItem", "GetItem", "GET object"]  # who calls, what is live, its record, its packed model


@pytest.fixture
def asked(
    stack: Stack, aws: str, monkeypatch: pytest.MonkeyPatch, event: Callable[..., dict[str, Any]]
) -> Iterator[Asked]:
    """Call a function as Lambda would, with a model live; gives the calls to AWS it made."""
    go_live("v1.0.0", forest(), stack.model_bucket)
    go_live("v1.1.0", forest(seed=1), stack.model_bucket)
    monkeypatch.setenv("ROUTING_CACHE_SECONDS", "3600")
    with counted(aws) as (url, seen):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        go_cold()

        def ask(function: str, case: str, **changes: Any) -> list[str]:
            seen.clear()
            reply = stack.call(function, event(f"{function}_{case}", **changes))
            assert reply["statusCode"] < 500, reply
            return list(seen)

        yield ask


def predicting(transaction_id: str, **more: Any) -> dict[str, str]:
    """The changes to predict's event that make it ask about a transaction."""
    return {"body": json.dumps(transaction(data()[0][0], transaction_id, **more))}


def test_a_first_prediction_loads_the_model_and_writes_once(asked: Asked) -> None:
    assert asked("predict", "transaction", **predicting("t-0")) == [*COLD, "PutItem"]


def test_a_warm_prediction_makes_one_call(asked: Asked) -> None:
    # GIVEN
    asked("predict", "transaction", **predicting("t-0"))

    # THEN a new one, a repeated one and a refused one cost the same
    assert asked("predict", "transaction", **predicting("t-1")) == ["PutItem"]
    assert asked("predict", "transaction", **predicting("t-1")) == ["PutItem"]
    assert asked("predict", "transaction", body="{}") == ["PutItem"]


def test_the_secret_of_tokens_is_read_once_and_only_for_personal_data(asked: Asked) -> None:
    asked("predict", "transaction", **predicting("t-0"))
    assert asked("predict", "transaction", **predicting("t-1", location="Lisbon")) == ["GetSecretValue", "PutItem"]
    assert asked("predict", "transaction", **predicting("t-2", location="Porto")) == ["PutItem"]


def test_routing_is_read_again_when_its_time_is_over(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a function that never trusts what it read
    monkeypatch.setenv("ROUTING_CACHE_SECONDS", "0")
    go_cold()
    asked("predict", "transaction", **predicting("t-0"))

    # THEN one read more, and the model is not fetched again
    assert asked("predict", "transaction", **predicting("t-1")) == ["GetItem", "PutItem"]
