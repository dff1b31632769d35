from math import inf, nextafter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.packing.crossings import LARGEST, beside, edge

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)


@settings(max_examples=30)
@given(st.lists(finite, min_size=1, max_size=8))
def test_the_last_number_that_holds_is_found_from_below(limits: list[float]) -> None:
    limit = np.array(limits)
    ends = np.full(len(limit), LARGEST)

    found = edge(lambda x: x <= limit, -ends, ends)

    np.testing.assert_array_equal(found, limit)


@settings(max_examples=30)
@given(st.lists(finite, min_size=1, max_size=8))
def test_the_last_number_that_holds_is_found_from_above(limits: list[float]) -> None:
    limit = np.array(limits)
    ends = np.full(len(limit), LARGEST)

    found = edge(lambda x: x > limit, ends, -ends)

    np.testing.assert_array_equal(found, [nextafter(number, inf) for number in limits])


def test_where_the_condition_never_fails_the_far_end_is_found() -> None:
    found = edge(lambda x: x > -inf, np.array([3.0]), np.array([-7.0]))

    assert found == [-7.0]


@given(finite)
def test_neighbours_are_one_representable_number_away(number: float) -> None:
    assert beside(np.array([number]), 1) == [nextafter(number, inf)]
    assert beside(np.array([number]), -1) == [nextafter(number, -inf)]


def test_there_is_no_neighbour_beyond_the_largest_number() -> None:
    assert beside(np.array([LARGEST]), 5) == [LARGEST]
    assert beside(np.array([-LARGEST]), -5) == [-LARGEST]
