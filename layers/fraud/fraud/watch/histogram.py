"""Latencies as histograms that add up.

Bucket i holds (γ^(i-1), γ^i] with γ = (1+α)/(1-α), so its middle is within α of every value in it
(DDSketch: Masson, Rim, Lee, VLDB 2019, arXiv:1908.10693).
"""

import math
from collections.abc import Mapping
from typing import TypeVar

Named = TypeVar("Named", int, str)
Counts = dict[int, int]
RELATIVE_ERROR = 0.02
_GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GAMMA = math.log(_GAMMA)


def bucket(value: float) -> int:
    """The bucket of a latency in microseconds; what is below 1 µs counts as 1 µs."""
    return math.ceil(math.log(max(value, 1.0)) / _LOG_GAMMA)


def middle(index: int) -> float:
    """The latency in microseconds that stands for a bucket."""
    return 2 * _GAMMA**index / (_GAMMA + 1)


def upper(index: int) -> float:
    """The largest latency in microseconds a bucket holds."""
    return float(_GAMMA**index)


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The value below which a share of the latencies lie, within RELATIVE_ERROR of `numpy.quantile`'s; None of none.

    Interpolates between neighbouring order statistics as numpy's default (Hyndman and Fan's type 7) does.
    """
    total = sum(counts.values())
    if total == 0:
        return None
    place = share * (total - 1)
    below = math.floor(place)
    low, high = _ordered(counts, below), _ordered(counts, min(below + 1, total - 1))
    return low + (high - low) * (place - below)


def add(into: dict[Named, int], more: Mapping[Named, int]) -> None:
    """Add counts to counts."""
    for key, count in more.items():
        into[key] = into.get(key, 0) + count


def _ordered(counts: Mapping[int, int], rank: int) -> float:
    """The middle of the bucket in which the value of a rank (from 0) lies."""
    seen = 0
    for index in sorted(counts):
        seen += counts[index]
        if seen > rank:
            return middle(index)
    raise IndexError(rank)
