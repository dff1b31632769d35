"""The raw value at which a transformed one passes a threshold."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.errors import UnsupportedModelError
from fraud.packing.axes import Floats
from fraud.packing.chains import Chain
from fraud.packing.crossings import LARGEST, beside, edge
from fraud.packing.extents import domain_of

_NEIGHBOURS = 8


class RawThresholds(NamedTuple):
    """`threshold`: the last raw value that goes low; `always_high`: no value goes low (the threshold is LARGEST)."""

    threshold: Floats
    always_high: NDArray[np.bool_]


def raw_thresholds(chain: Chain, thresholds: Floats, *, single: bool) -> RawThresholds:
    """The raw thresholds of a chain that never falls; `single`: its answer is rounded to float32 before it is compared.

    Each is checked against its eight neighbours on both sides; UnsupportedModelError when one of them goes astray.
    """

    def goes_low(raw: Floats) -> NDArray[np.bool_]:
        answers = chain(raw)
        with np.errstate(over="ignore"):
            seen = answers.astype(np.float32).astype(np.float64) if single else answers
        return np.asarray(seen <= thresholds)

    low, high = (np.full(len(thresholds), end) for end in domain_of(chain))
    always_high = ~goes_low(low)
    found = edge(goes_low, low, high)
    inside = ~always_high & ~goes_low(high)
    for steps in range(1, _NEIGHBOURS + 1):
        below, above = np.maximum(beside(found, -steps), low), np.minimum(beside(found, steps), high)
        if (inside & (~goes_low(below) | goes_low(above))).any():
            raise UnsupportedModelError("a transform before a tree falls somewhere: it cannot be packed exactly")
    return RawThresholds(np.where(inside, found, LARGEST), always_high)
