"""Where a condition on one number stops to hold: a search over the float64 numbers themselves."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fraud.packing.axes import Floats

Condition = Callable[[Floats], NDArray[np.bool_]]
LARGEST = float(np.finfo(np.float64).max)
_STEPS = 65
_SIGN = np.int64(np.iinfo(np.int64).min)


def edge(holds: Condition, inside: Floats, outside: Floats) -> Floats:
    """For each element the last number on the way from `inside` to `outside` at which the condition holds.

    It must hold inside and, once it fails, fail all the way; `outside` itself where it holds there too.
    """
    good, bad = _order(inside), _order(outside)
    for _ in range(_STEPS):
        middle = (good >> 1) + (bad >> 1) + (good & bad & 1)
        middle = np.where(middle == good, bad, middle)  # the halves are rounded down: the last step may be upwards
        still = holds(_number(middle))
        good, bad = np.where(still, middle, good), np.where(still, bad, middle)
    return np.where(holds(outside), outside, _number(good))


def beside(numbers: Floats, steps: int) -> Floats:
    """The number so many representable numbers above (or below) each, within the finite ones."""
    ends = _order(np.array([-LARGEST, LARGEST]))
    return _number(np.clip(_order(numbers) + steps, *ends))


def _order(numbers: Floats) -> NDArray[np.int64]:
    """Integers in the order of the numbers, neighbours one apart."""
    bits = np.asarray(numbers, dtype=np.float64).view(np.int64)
    return np.where(bits < 0, _SIGN - bits, bits)


def _number(order: NDArray[np.int64]) -> Floats:
    return np.where(order < 0, _SIGN - order, order).view(np.float64)
