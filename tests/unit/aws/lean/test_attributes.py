"""Values survive the way to DynamoDB and back."""

import math
from decimal import Decimal

import msgspec
import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from fraud.aws.lean.attributes import from_attributes, to_attributes

MAGNITUDES = st.floats(1e-130, 9.99e125)
FLOATS = st.just(0.0) | MAGNITUDES | MAGNITUDES.map(lambda x: -x)
SCALARS = st.none() | st.booleans() | st.integers(-(10**38) + 1, 10**38 - 1) | st.text() | st.binary()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES))
def test_an_item_comes_back_as_it_was_written(item: dict[str, object]) -> None:
    assert from_attributes(to_attributes(item)) == item


@given(st.dictionaries(st.text(), VALUES))
def test_an_item_comes_back_from_json_as_it_was_written(item: dict[str, object]) -> None:
    wire = msgspec.json.encode(to_attributes(item))

    assert from_attributes(msgspec.json.decode(wire)) == item


@given(FLOATS)
def test_a_float_comes_back_exactly_even_when_the_table_writes_it_another_way(number: float) -> None:
    # GIVEN the number in the plain decimal form in which DynamoDB gives numbers back
    written = to_attributes({"x": number})["x"]["N"]
    stored = f"{Decimal(written).normalize():f}"

    # WHEN it is read
    read = from_attributes({"x": {"N": stored}})["x"]

    # THEN it is the same float
    assert float(read) == number


@given(st.dictionaries(st.text(), SCALARS))
def test_attributes_are_those_boto3_writes(item: dict[str, object]) -> None:
    theirs = {name: TypeSerializer().serialize(value) for name, value in item.items()}

    assert to_attributes(item) == theirs


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e-131, 1e126, 10**38])
def test_a_number_the_table_cannot_hold_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="DynamoDB"):
        to_attributes({"x": number})


def test_a_type_the_table_does_not_have_is_named() -> None:
    with pytest.raises(TypeError, match="complex"):
        to_attributes({"x": 1j})


def test_a_set_is_refused_rather_than_misread() -> None:
    with pytest.raises(ValueError, match="SS"):
        from_attributes({"x": {"SS": ["a"]}})
