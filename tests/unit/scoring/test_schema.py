"""Rows of a schema: order, medians for gaps, refusals by name."""

import pytest

from fraud.errors import InvalidRequestError
from fraud.scoring.schema import DEFAULT_FEATURES, Feature, RowReader, Schema, schema_of
from fraud.scoring.transaction import Transaction

SCHEMA = Schema((Feature("Time"), Feature("V1", median=0.25), Feature("V2", required=True), Feature("Amount")))


def asked(**features: float) -> Transaction:
    return Transaction(transaction_id="t", amount=9.5, time=60.0, features=features)


def test_a_row_follows_the_schemas_order_and_reads_amount_and_time_from_the_top_level() -> None:
    assert RowReader(SCHEMA).row(asked(V2=2.0, V1=1.0)) == ([60.0, 1.0, 2.0, 9.5], [])


def test_a_gap_is_filled_with_the_median_and_listed() -> None:
    assert RowReader(SCHEMA).row(asked(V2=2.0)) == ([60.0, 0.25, 2.0, 9.5], ["V1"])


def test_a_required_feature_that_is_missing_is_named() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        RowReader(SCHEMA).row(asked(V1=1.0))
    assert refused.value.details == [{"field": "features.V2", "problem": "is required by the active model"}]


@pytest.mark.parametrize("name", ["V99", "amount", "Time"])
def test_an_unknown_feature_is_named(name: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        RowReader(SCHEMA).row(asked(V1=1.0, V2=2.0, **{name: 1.0}))
    assert refused.value.details == [{"field": f"features.{name}", "problem": "is not a feature of the active model"}]


def test_a_swapped_name_of_equal_count_is_still_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"features\.V9"):
        RowReader(SCHEMA).row(asked(V1=1.0, V9=2.0))


def test_the_default_schema_has_the_thirty_columns_of_the_contract() -> None:
    assert schema_of(DEFAULT_FEATURES).names == ("amount", "time", *[f"V{number}" for number in range(1, 29)])
