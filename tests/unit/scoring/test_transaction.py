"""The border: what a transaction is, and what is said of one that is not."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.errors import InvalidRequestError, MalformedJsonError
from fraud.scoring import transaction
from fraud.scoring.problems import of_transaction

VALID: dict[str, Any] = {"transaction_id": "t-1", "amount": 10, "time": 0.5, "features": {"V1": -1.5}}


def body(**changes: Any) -> bytes:
    return json.dumps({**VALID, **changes}).encode()


def fields(raw: bytes) -> list[str]:
    with pytest.raises(InvalidRequestError) as refused:
        transaction.decode(raw)
    assert refused.value.status == 422
    return [problem["field"] for problem in refused.value.details]


def test_a_valid_transaction_is_read_with_its_numbers_as_floats() -> None:
    read = transaction.decode(body(entity_id="card-1", merchant_category=None))
    assert (read.transaction_id, read.amount, read.features) == ("t-1", 10.0, {"V1": -1.5})
    assert isinstance(read.amount, float)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": math.nan}, "amount"),
        ({"amount": math.inf}, "amount"),
        ({"amount": -0.01}, "amount"),
        ({"amount": "10"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": 10**400}, "amount"),
        ({"time": math.nan}, "time"),
        ({"features": {"V1": math.nan}}, "features.V1"),
        ({"features": {"V1": "1"}}, "features.V1"),
        ({"features": {"V1": False}}, "features.V1"),
        ({"features": []}, "features"),
        ({"transaction_id": ""}, "transaction_id"),
        ({"transaction_id": "x" * 129}, "transaction_id"),
        ({"transaction_id": "a\nb"}, "transaction_id"),
        ({"transaction_id": 7}, "transaction_id"),
        ({"location": 3}, "location"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    assert fields(body(**changes)) == [field]


@pytest.mark.parametrize("name", ["transaction_id", "amount", "time", "features"])
def test_a_missing_field_is_named(name: str) -> None:
    assert fields(json.dumps({key: held for key, held in VALID.items() if key != name}).encode()) == [name]


def test_every_wrong_field_is_named_at_once() -> None:
    assert fields(body(amount="x", time=-1, features={"V1": None, "V2": 1})) == ["amount", "time", "features.V1"]


@pytest.mark.parametrize("raw", [b"", b"{", b"not json", b'{"amount": 1,}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_not_json_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedJsonError):
        transaction.decode(raw)


@pytest.mark.parametrize("raw", [b"[]", b"1", b"null", b'"text"'])
def test_json_that_is_no_object_is_invalid(raw: bytes) -> None:
    assert fields(raw) == ["$"]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*VALID, "location", "entity_id", "merchant_category", "odd"]), json_values))
def test_whatever_is_refused_is_explained_and_whatever_is_explained_is_refused(value: dict[str, Any]) -> None:
    raw = json.dumps(value).encode()
    try:
        transaction.decode(raw)
    except InvalidRequestError as refused:
        assert refused.details
        assert all(problem["problem"] for problem in refused.details)
    else:
        assert of_transaction(raw) == [{"field": "$", "problem": "is not a valid transaction"}]


def test_the_digest_depends_on_values_only() -> None:
    ordered = transaction.decode(b'{"transaction_id":"t","amount":1,"time":2,"features":{"V1":1,"V2":2}}')
    shuffled = transaction.decode(b'{"features":{"V2":2.0,"V1":1.0},"time":2.0,"amount":1.00,"transaction_id":"t"}')
    assert transaction.digest(ordered) == transaction.digest(shuffled)


@pytest.mark.parametrize("changes", [{"amount": 10.01}, {"features": {"V1": -1.6}}, {"location": "x"}])
def test_any_other_value_gives_another_digest(changes: dict[str, Any]) -> None:
    assert transaction.digest(transaction.decode(body())) != transaction.digest(transaction.decode(body(**changes)))
