"""Exact reasons: how an answer splits between the row's columns, against one reference row."""

from collections.abc import Callable, Sequence
from math import fsum
from operator import neg
from typing import Literal

import msgspec

EXACT_METHOD = "single_reference_shapley"
RESCALED_METHOD = "single_reference_shapley_rescaled"
_TINY = 1e-6

Unit = Literal["probability", "log_odds"]


class Attribution(msgspec.Struct, frozen=True):
    """`base` (the reference row's answer) + Σ `contributions` (one a column) = `margin` (this row's), in `unit`.

    `method` is `single_reference_shapley` where the numbers are the Shapley values against the reference, and ends
    in `_rescaled` where they are those of the log-odds (or raw score), carried into probability so that they
    still add up exactly.
    """

    method: str
    unit: Unit
    base: float
    margin: float
    contributions: tuple[float, ...]


def settled(base: float, margin: float, shares: Sequence[float]) -> tuple[float, ...]:
    """The shares with the rounding left over given to the largest, so that they sum to `margin - base`."""
    left_over = fsum((margin, -base, *map(neg, shares)))
    sizes = list(map(abs, shares))
    largest = sizes.index(max(sizes))
    return (*shares[:largest], shares[largest] + left_over, *shares[largest + 1 :])


def mean_slope(link: Callable[[float], float], base: float, margin: float) -> float:
    """`(link(margin) - link(base)) / (margin - base)`; the logistic slope where the two all but coincide."""
    if abs(margin - base) > _TINY:
        return (link(margin) - link(base)) / (margin - base)
    probability = link(margin)
    return probability * (1.0 - probability)


def split_by_sign(curve: Callable[[float], float], base: float, margin: float, shares: Sequence[float]) -> list[float]:
    """Shares of `margin - base` carried through a monotone curve without ever exceeding its range.

    Those that raise and those that lower the score are two players; their Shapley values, each the mean over both
    orders of joining, are split in proportion (the "reveal-cancel" rule of Shrikumar et al. 2017).
    """
    up = fsum(share for share in shares if share > 0.0)
    down = fsum(share for share in shares if share < 0.0)
    start, end = curve(base), curve(margin)
    if up and down:
        up_first, down_first = curve(base + up), curve(base + down)
        risen = (up_first - start + end - down_first) / 2.0
        fallen = (down_first - start + end - up_first) / 2.0
    else:
        risen, fallen = (end - start, 0.0) if up else (0.0, end - start)
    return [share / up * risen if share > 0.0 else share / down * fallen if share else 0.0 for share in shares]
