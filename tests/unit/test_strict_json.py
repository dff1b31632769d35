"""JSON that two readers could read differently, or that never ends, is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.errors import FraudError, MalformedJsonError
from fraud.scoring import items, transaction
from fraud.strict_json import MAX_DEPTH, MAX_TEXT, require_strict

GOOD = '{"transaction_id": "t", "amount": 1, "time": 2, "features": {"V1": 0.5}}'


def code(body: str) -> str | None:
    try:
        require_strict(body.encode())
    except MalformedJsonError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", None),
        (" \n", None),
        ("{}", None),
        ('{"a": {"b": 1}, "b": [{"a": 1}, {"a": 2}]}', None),
        ('{"a": 1, "a": 1}', "duplicate_key"),
        ('{"a": [{"b": {"c": 1, "c": 2}}]}', "duplicate_key"),
        ('{"a": 1, "\\u0061": 2}', "duplicate_key"),
        ("{", "malformed_json"),
        ('{"a": NaN}', "malformed_json"),
        ("[" * MAX_DEPTH + "]" * MAX_DEPTH, None),
        ("[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH, None),
        ("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "nested_too_deep"),
        ("[" * 100_000 + "]" * 100_000, "malformed_json"),
        (json.dumps({"a": "x" * MAX_TEXT}), None),
        (json.dumps({"a": ["x" * (MAX_TEXT + 1)]}), "text_too_long"),
        (json.dumps({"x" * (MAX_TEXT + 1): 1}), "text_too_long"),
    ],
)
def test_only_json_that_means_one_thing_passes(body: str, expected: str | None) -> None:
    assert code(body) == expected


@pytest.mark.parametrize(
    "twice",
    [
        GOOD.replace('"amount": 1', '"amount": 1, "amount": 2'),
        GOOD.replace('"V1": 0.5', '"V1": 0.5, "V1": 0.5'),
        GOOD.replace('"amount": 1', '"amount": 1, "\\u0061mount": 1'),
        GOOD.replace('"amount": 1', '"amount": "x", "amount": 1'),
        GOOD.replace('"time": 2', '"time": 2, "location": null, "location": "x"'),
    ],
)
def test_a_transaction_that_names_a_key_twice_is_refused(twice: str) -> None:
    with pytest.raises(FraudError) as caught:
        transaction.decode(twice.encode())
    assert (caught.value.status, caught.value.code) == (400, "duplicate_key")


def test_colons_in_texts_are_just_colons() -> None:
    body = GOOD.replace('"t"', '"12:30:00"').replace('"time": 2', '"time": 2, "location": "a: b", "entity_id": null')
    assert transaction.decode(body.encode()).transaction_id == "12:30:00"


@given(st.dictionaries(st.text(max_size=8), st.floats(-1e6, 1e6), max_size=8), st.text(min_size=1, max_size=8))
def test_no_duplicate_slips_past_the_quick_look(features: dict[str, float], name: str) -> None:
    # GIVEN a transaction, and the same with one feature given twice
    body = json.loads(GOOD) | {"features": features}
    text = json.dumps(body)
    assert transaction.decode(text.encode()).features == features
    extra = f'"features": {{{json.dumps(name)}: 1, {json.dumps(name)}: 2, '
    doubled = text.replace('"features": {', extra).replace(", }", "}")

    # WHEN it is decoded / THEN it is refused for that
    with pytest.raises(MalformedJsonError) as caught:
        transaction.decode(doubled.encode())
    assert caught.value.code == "duplicate_key"


def test_a_batch_that_names_its_list_twice_is_refused() -> None:
    with pytest.raises(MalformedJsonError) as caught:
        items.batch(f'{{"transactions": [], "transactions": [{GOOD}]}}'.encode())
    assert caught.value.code == "duplicate_key"
