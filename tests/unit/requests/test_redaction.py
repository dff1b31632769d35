"""Free fields are tokens or plain categories, never text."""

from hypothesis import given
from hypothesis import strategies as st

from fraud.requests.redaction import Redactor
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
