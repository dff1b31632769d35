"""Gauss-Legendre quadrature: sums that are exact integrals of polynomials."""

from functools import cache
from math import cos, pi

_STEPS = 100
_SETTLED = 1e-15


@cache
def gauss_legendre(points: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Places in [0, 1] and their weights; exact for polynomials of a degree below `2 * points`.

    The places are the roots of the Legendre polynomial, found by Newton's method (Press et al., Numerical Recipes,
    section 4.6).
    """
    places, weights = [], []
    for index in range(points):
        root = cos(pi * (index + 0.75) / (points + 0.5))
        for _ in range(_STEPS):
            value, slope = _legendre(points, root)
            root -= value / slope
            if abs(value / slope) <= _SETTLED:
                break
        _, slope = _legendre(points, root)
        places.append((1.0 + root) / 2.0)
        weights.append(1.0 / ((1.0 - root * root) * slope * slope))
    return tuple(places), tuple(weights)


def _legendre(degree: int, x: float) -> tuple[float, float]:
    """The Legendre polynomial and its derivative, |x| < 1."""
    before, value = 0.0, 1.0
    for n in range(1, degree + 1):
        before, value = value, ((2 * n - 1) * x * value - (n - 1) * before) / n
    return value, degree * (x * value - before) / (x * x - 1.0)
