"""The few distributions the tests need, without scipy."""

import math
from collections.abc import Sequence

TERMS = 100


def chi2_tail(x: float, freedom: int) -> float:
    """P(χ² > x), by the finite series for whole degrees of freedom (Abramowitz & Stegun 26.4.4-5)."""
    if x <= 0:
        return 1.0
    half, odd = x / 2, freedom % 2
    term = math.sqrt(2 * x / math.pi) * math.exp(-half) if odd else math.exp(-half)
    total = math.erfc(math.sqrt(half)) if odd else 0.0
    for step in range(1 if odd else 0, freedom - 1 if odd else freedom, 2):
        total += term
        term *= x / (step + 2)
    return min(1.0, total)


def chi2_critical(alpha: float, freedom: int) -> float:
    """The x that χ² exceeds with probability alpha."""
    low, high = 0.0, 10.0 * freedom + 100.0
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if chi2_tail(middle, freedom) > alpha else (low, middle)
    return high


def ks_tail(distance: float, n: int, m: int) -> float:
    """P(D > distance) of two samples, asymptotically (Smirnov 1948): 2 Σ (-1)^(k-1) exp(-2 k² λ²)."""
    squared = distance**2 * n * m / (n + m)
    if squared < 0.04:  # where the series no longer converges the probability is 1 within 1e-12
        return 1.0
    return min(1.0, 2 * math.fsum((-1) ** (k - 1) * math.exp(-2 * k * k * squared) for k in range(1, TERMS)))


def ks_critical(alpha: float, n: int, m: int) -> float:
    """The distance that D exceeds with probability alpha: c(α) √((n + m) / nm), c = √(-ln(α/2) / 2)."""
    return math.sqrt(-math.log(alpha / 2) / 2 * (n + m) / (n * m))


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's adjusted p-values, in the order given."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    found, least = [1.0] * len(p_values), 1.0
    for rank, place in enumerate(order):
        least = min(least, p_values[place] * len(p_values) / (len(p_values) - rank))
        found[place] = least
    return found


def binomial_tails(count: int, n: int, rate: float) -> tuple[float, float]:
    """P(X ≤ count) and P(X ≥ count) of Binomial(n, rate), by its exact terms."""
    if not 0 < rate < 1:
        raise ValueError(f"rate {rate} is not between 0 and 1")
    below = math.fsum(_mass(k, n, rate) for k in range(count + 1))
    return min(1.0, below), min(1.0, max(0.0, 1.0 - below) + _mass(count, n, rate))


def _mass(k: int, n: int, rate: float) -> float:
    log_choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log_choose + k * math.log(rate) + (n - k) * math.log1p(-rate))
