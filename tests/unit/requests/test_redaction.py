"""Free fields are tokens or plain categories, never text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.requests.redaction import Redactor, policy
from fraud.scoring.transaction import Transaction


def asked(**fields: str) -> Transaction:
    return Transaction(transaction_id="t", amount=1.0, time=0.0, features={}, **fields)


def test_equal_values_have_equal_tokens_and_other_secrets_other_tokens() -> None:
    one, other = Redactor(lambda: "a").token("Lisbon"), Redactor(lambda: "b").token("Lisbon")
    assert one == Redactor(lambda: "a").token("Lisbon") != other
    assert one.startswith("tok_")
    assert len(one) == 28


def test_the_secret_is_not_fetched_when_nothing_needs_it() -> None:
    def fetch() -> str:
        raise AssertionError("fetched")

    assert Redactor(fetch).fields(asked(merchant_category="food")) == {"merchant_category": "food"}


def test_the_secret_is_fetched_once() -> None:
    fetched: list[int] = []
    redactor = Redactor(lambda: fetched.append(1) or "s")  # type: ignore[func-returns-value]
    for _ in range(3):
        redactor.fields(asked(location="Lisbon"))
    assert len(fetched) == 1


@given(st.text(min_size=1, max_size=100))
def test_no_text_of_a_caller_is_kept(value: str) -> None:
    kept = Redactor(lambda: "secret").fields(asked(location=value, entity_id=value))
    assert all(token.startswith("tok_") and len(token) == 28 for token in kept.values())


def test_a_category_that_is_no_plain_word_becomes_a_token() -> None:
    kept = Redactor(lambda: "s").fields(asked(merchant_category="4111 1111 1111 1111"))
    assert kept["merchant_category"].startswith("tok_")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("", {"entity_id", "location", "merchant_category"}),
        ("location=drop", {"entity_id", "merchant_category"}),
        ("entity_id=drop, location=drop, merchant_category=drop", set()),
    ],
)
def test_a_dropped_field_is_not_stored(told: str, kept: set[str]) -> None:
    stored = Redactor(lambda: "s", policy(told)).fields(
        asked(entity_id="e", location="Lisbon", merchant_category="food")
    )
    assert set(stored) == kept


def test_a_kept_field_is_stored_as_it_came_unless_it_holds_a_card_number() -> None:
    redactor = Redactor(lambda: "s", policy("location=keep,entity_id=keep"))
    assert redactor.fields(asked(location="Rua Augusta 7", entity_id="account-12")) == {
        "location": "Rua Augusta 7", "entity_id": "account-12",
    }  # fmt: skip
    for number in ("4111111111111111", "4111 1111 1111 1111", "ref 5500-0000-0000-0004 paid", "378282246310005"):
        assert redactor.fields(asked(location=number))["location"].startswith("tok_")
    assert redactor.fields(asked(location="4111111111111112")) == {"location": "4111111111111112"}


def test_a_category_can_be_a_token() -> None:
    kept = Redactor(lambda: "s", policy("merchant_category=token")).fields(asked(merchant_category="food"))
    assert kept["merchant_category"].startswith("tok_")


@pytest.mark.parametrize("told", ["amount=keep", "location", "location=hash", "location=keep;entity_id=keep"])
def test_a_policy_that_says_nothing_known_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match="privacy policy"):
        policy(told)
