"""The beta function and the incomplete one, from the standard library alone."""

from math import exp, lgamma, log, log1p

_TINY = 1e-300
_ENOUGH = 500
_PRECISION = 1e-14


def log_beta(a: float, b: float) -> float:
    """ln B(a, b)."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def beta_below(a: float, b: float, x: float) -> float:
    """P(Beta(a, b) <= x), the regularised incomplete beta function I_x(a, b), for 0 < x < 1.

    Continued fraction DLMF 8.17.22, evaluated by Lentz's method on the side where it converges fast.
    """
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - beta_below(b, a, 1.0 - x)
    front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b)) / a
    return front * _fraction(a, b, x)


def beta_above(a: float, b: float, x: float) -> float:
    """P(Beta(a, b) > x), without cancellation."""
    return beta_below(b, a, 1.0 - x)


def _fraction(a: float, b: float, x: float) -> float:
    upper, lower = 1.0, _away(1.0 - (a + b) * x / (a + 1.0))
    value = lower = 1.0 / lower
    for m in range(1, _ENOUGH):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            lower = 1.0 / _away(1.0 + term * lower)
            upper = _away(1.0 + term / upper)
            value *= upper * lower
        if abs(upper * lower - 1.0) < _PRECISION:
            break
    return value


def _away(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
