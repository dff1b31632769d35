"""Bins that references and live counts share: log-odds bins for probabilities, training quantiles for features."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

BINS_PER_LOGIT = 4
OUTERMOST = 14 * BINS_PER_LOGIT


def logit_bin(probability: float) -> int:
    """The bin of a probability: quarters of a unit of log-odds between -14 and 14, the outermost open-ended."""
    if probability <= 0.0:
        return -OUTERMOST
    if probability >= 1.0:
        return OUTERMOST - 1
    place = math.floor(math.log(probability / (1.0 - probability)) * BINS_PER_LOGIT)
    return max(-OUTERMOST, min(OUTERMOST - 1, place))


def quantile_bin(edges: Sequence[float], value: float) -> int:
    """The bin of a value: 0 below the first edge, an edge belongs to the bin above it."""
    return bisect_right(edges, value)


def counts(bins: Iterable[int]) -> dict[int, int]:
    """How often each bin occurs."""
    found: dict[int, int] = {}
    for one in bins:
        found[one] = found.get(one, 0) + 1
    return found
