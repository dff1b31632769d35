"""Means: an asymptotic confidence sequence of a mean and of the difference of two.

Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
arXiv:2103.06476. Asymptotic: as with every central limit argument it wants a few dozen observations.
"""

from math import inf, log, sqrt

import msgspec

TIGHTEST_AT = 5000  # observations at which the sequence is tightest


class Moments(msgspec.Struct, frozen=True):
    """Number, mean and variance of what was observed."""

    n: int
    mean: float
    variance: float


class Interval(msgspec.Struct, frozen=True):
    """A point with the bounds that hold at every look at once."""

    point: float
    low: float
    high: float


def moments(weighted: list[tuple[float, int]]) -> Moments:
    """Moments of values given with how often each was seen (a histogram's bin middles and counts)."""
    n = sum(count for _, count in weighted)
    if n == 0:
        return Moments(0, 0.0, 0.0)
    mean = sum(value * count for value, count in weighted) / n
    squares = sum((value - mean) ** 2 * count for value, count in weighted)
    return Moments(n, mean, squares / max(1, n - 1))


def bernoulli(events: int, n: int) -> Moments:
    """Moments of `n` yes-or-no observations."""
    rate = events / n if n else 0.0
    return Moments(n, rate, rate * (1.0 - rate))


def mean_interval(one: Moments, alpha: float) -> Interval:
    """The mean's confidence sequence at level 1 - alpha."""
    return _interval(one.mean, one.n, one.variance, alpha)


def difference(one: Moments, other: Moments, alpha: float) -> Interval:
    """The confidence sequence of `one` minus `other` at level 1 - alpha; infinitely wide while an arm is empty."""
    if min(one.n, other.n) < 2:
        return Interval(one.mean - other.mean, -inf, inf)
    n = one.n + other.n
    scaled = n * (one.variance / one.n + other.variance / other.n)
    return _interval(one.mean - other.mean, n, scaled, alpha)


def half_width(n: int, variance: float, alpha: float) -> float:
    """s sqrt(2 (n rho^2 + 1) / (n^2 rho^2) ln(sqrt(n rho^2 + 1) / alpha)), s^2 the variance of one observation.

    rho = sqrt((-2 ln alpha + ln(-2 ln alpha + 1)) / N*) makes it tightest at N* = TIGHTEST_AT observations.
    """
    rho2 = (-2.0 * log(alpha) + log(-2.0 * log(alpha) + 1.0)) / TIGHTEST_AT
    grown = n * rho2 + 1.0
    return sqrt(variance * 2.0 * grown / (n * n * rho2) * log(sqrt(grown) / alpha))


def _interval(point: float, n: int, variance: float, alpha: float) -> Interval:
    if n < 2:
        return Interval(point, -inf, inf)
    width = half_width(n, variance, alpha)
    return Interval(point, point - width, point + width)
