"""Exact reasons: how an answer splits between the row's columns."""

from collections.abc import Callable, Sequence
from math import fsum
from operator import neg
from typing import Literal

import msgspec

from fraud.scoring.packed.scorer import Split

LINEAR = "linear_shap"
PATH_DEPENDENT = "tree_path_dependent_shap"
SINGLE_REFERENCE = "single_reference_shapley"
COMPOSED = "composed_shap"
RESCALED = "_rescaled"
_TINY = 1e-6

Unit = Literal["probability", "log_odds"]


class Attribution(msgspec.Struct, frozen=True):
    """`base` + Σ `contributions` (one a column) = `margin` (the row's answer), in `unit`.

    `method` says which Shapley values the numbers are, and so what `base` is:
    `tree_path_dependent_shap`: a tree's splits on absent columns go both ways, by training weight; the mean answer.
    `single_reference_shapley`: absent columns take the reference row's values; the reference's answer.
    `linear_shap`: the same for a weighted sum, in closed form.
    `composed_shap`: members of an ensemble explained by different ones of these; the ensemble of their bases.
    It ends in `_rescaled` where they are those of the log-odds (or raw score), carried into probability so that they
    still add up exactly.
    """

    method: str
    unit: Unit
    base: float
    margin: float
    contributions: tuple[float, ...]


def method_of(kinds: frozenset[str], *, rescaled: bool) -> str:
    """The name of Shapley values of these kinds; a weighted sum's are also those against its one reference."""
    named = kinds - {LINEAR} if SINGLE_REFERENCE in kinds else kinds
    name = next(iter(named)) if len(named) == 1 else COMPOSED
    return f"{name}{RESCALED}" if rescaled else name


def settled(base: float, margin: float, shares: Sequence[float]) -> tuple[float, ...]:
    """The shares with the rounding left over given to the largest, so that they sum to `margin - base`."""
    left_over = fsum((margin, -base, *map(neg, shares)))
    sizes = list(map(abs, shares))
    largest = sizes.index(max(sizes))
    return (*shares[:largest], shares[largest] + left_over, *shares[largest + 1 :])


def by_mean_slope(link: Callable[[float], float], inner: Split) -> Split:
    """A split carried through a smooth link: all shares times the link's mean slope between base and margin.

    Where the two all but coincide, times the logistic slope.
    """
    start, end = link(inner.base), link(inner.margin)
    change = inner.margin - inner.base
    slope = (end - start) / change if abs(change) > _TINY else end * (1.0 - end)
    return Split(start, end, [slope * share for share in inner.shares])


def split_by_sign(curve: Callable[[float], float], inner: Split) -> Split:
    """A split carried through a monotone curve without shares ever exceeding its range.

    Those that raise and those that lower the score are two players; their Shapley values, each the mean over both
    orders of joining, are split in proportion (the "reveal-cancel" rule of Shrikumar et al. 2017).
    """
    base, margin, shares = inner
    up = fsum(share for share in shares if share > 0.0)
    down = fsum(share for share in shares if share < 0.0)
    start, end = curve(base), curve(margin)
    if up and down:
        up_first, down_first = curve(base + up), curve(base + down)
        risen = (up_first - start + end - down_first) / 2.0
        fallen = (down_first - start + end - up_first) / 2.0
    else:
        risen, fallen = (end - start, 0.0) if up else (0.0, end - start)
    carried = [share / up * risen if share > 0.0 else share / down * fallen if share else 0.0 for share in shares]
    return Split(start, end, carried)
