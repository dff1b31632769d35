"""Rates: the multinomial E-value of rare events, and confidence sequences of a proportion.

Lindon & Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022, arXiv:2011.03567. An E-value is a
non-negative supermartingale that starts at 1 while the null is true, so by Ville's inequality it ever reaches 1/alpha
with probability at most alpha: acting when it does is safe under optional stopping and when rates vary in time.
E-values of successive periods multiply.

Each event counts as its own: events of one entity that always come together weigh more than they should.
"""

from collections.abc import Callable
from math import exp, inf, log, log1p

from fraud.traffic.sequential.beta import beta_above, beta_below, log_beta

CONCENTRATION = 4.0  # of the Beta prior on the share: weak, so that gross harm shows within a few events
JEFFREYS = 0.5
BISECTIONS = 60


def log_evidence(events: int, total: int, share: float, concentration: float = CONCENTRATION) -> float:
    """ln E against "each of `total` events is of the arm with probability `share`", of which `events` were.

    E = B(a + x, b + N - x) / (B(a, b) share^x (1 - share)^(N - x)) with a = c share, b = c (1 - share), c the
    prior's concentration. For exposures (sample-ratio mismatch) a strong prior (100) suits better than a weak one.
    """
    a, b = concentration * share, concentration * (1.0 - share)
    under_null = events * log(share) + (total - events) * log1p(-share)
    return log_beta(a + events, b + total - events) - log_beta(a, b) - under_null


def log_excess(events: int, total: int, share: float) -> float:
    """ln E against "at most `share`": the same with the prior kept to shares above.

    One-sided exactly, which the rule "two-sided E and x > share N" is only for one period: of the shares p above, each
    makes E a supermartingale under every null share below, so their mixture is one.
    """
    a, b = CONCENTRATION * share, CONCENTRATION * (1.0 - share)
    tail = beta_above(a + events, b + total - events, share) / beta_above(a, b, share)
    return log_evidence(events, total, share) + _log(tail)


def log_shortfall(events: int, total: int, share: float) -> float:
    """ln E against "at least `share`"."""
    a, b = CONCENTRATION * share, CONCENTRATION * (1.0 - share)
    tail = beta_below(a + events, b + total - events, share) / beta_below(a, b, share)
    return log_evidence(events, total, share) + _log(tail)


def tilted(share: float, ratio: float) -> float:
    """The share of events an arm has when its rate is `ratio` times the other's and its traffic share is `share`."""
    return ratio * share / (ratio * share + 1.0 - share)


def proportion_bounds(events: int, total: int, alpha: float) -> tuple[float, float]:
    """A confidence sequence of a proportion: (low, high) hold for all sample sizes at once with 1 - alpha.

    It holds every p against which the mixture E-value with Jeffreys' prior Beta(1/2, 1/2) stays below 1/alpha.
    """
    if total == 0:
        return 0.0, 1.0
    mixture = log_beta(JEFFREYS + events, JEFFREYS + total - events) - log_beta(JEFFREYS, JEFFREYS) + log(alpha)

    def refuted(p: float) -> bool:
        return mixture >= _log_likelihood(events, total, p)

    point = events / total
    low = 0.0 if events == 0 else _border(refuted, 0.0, point)
    high = 1.0 if events == total else _border(refuted, 1.0, point)
    return low, high


def as_probability(log_e: float) -> float:
    """The anytime p-value min(1, 1/E) of an E-value."""
    return exp(min(0.0, -log_e))


def _border(refuted: Callable[[float], bool], outside: float, inside: float) -> float:
    """Where `refuted` turns from true to false between two points, to the safe side."""
    for _ in range(BISECTIONS):
        middle = (outside + inside) / 2.0
        if refuted(middle):
            outside = middle
        else:
            inside = middle
    return outside


def _log_likelihood(events: int, total: int, p: float) -> float:
    if p in (0.0, 1.0):
        return 0.0 if events == total * p else -inf
    return events * log(p) + (total - events) * log1p(-p)


def _log(probability: float) -> float:
    return log(probability) if probability > 0.0 else -inf
