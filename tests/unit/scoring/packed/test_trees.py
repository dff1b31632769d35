import struct
from array import array
from math import nextafter

from tests.unit.scoring.packed.programs import forest, model

THRESHOLD = 0.1  # lies between two float32 numbers
BELOW = struct.unpack("f", struct.pack("f", nextafter(0.1, 0)))[0]


def test_a_float32_forest_rounds_the_row_but_not_the_threshold() -> None:
    single = model(forest([(0, THRESHOLD, 0.0, 1.0)], 1, single=True))

    assert BELOW > THRESHOLD
    assert single.score([THRESHOLD]) == 1.0  # float32(0.1) lies above 0.1
    assert single.score([0.0999999]) == 0.0


def test_a_float64_forest_compares_the_row_as_it_is() -> None:
    double = model(forest([(0, THRESHOLD, 0.0, 1.0)], 1, single=False))

    assert double.score([THRESHOLD]) == 0.0
    assert double.score([nextafter(THRESHOLD, 1)]) == 1.0


def test_a_value_too_large_for_float32_goes_high() -> None:
    single = model(forest([(0, 1e38, 0.0, 1.0)], 1, single=True))

    assert array("f", [1e300])[0] == float("inf")
    assert (single.score([1e300]), single.score([-1e300])) == (1.0, 0.0)


def test_the_sum_is_divided_by_the_tree_count_not_multiplied_by_its_inverse() -> None:
    leaves = [0.1, 0.7, 0.9, 0.3, 0.2, 0.6]
    total = 0.0
    for leaf in leaves:
        total += leaf

    assert total / 6 != total * (1 / 6)
    assert model(forest(leaves, 1)).score([0.0]) == total / 6


def test_explaining_leaves_the_row_as_it_was() -> None:
    row, reference = [1.0, -1.0], [-1.0, 1.0]
    model(forest([(0, 0.0, (1, 0.0, 0.1, 0.9), 0.5)], 2)).explain(row, reference)

    assert (row, reference) == ([1.0, -1.0], [-1.0, 1.0])
