"""How late labels come: the share of frauds reported by an age, from reports that are themselves cut off by now.

A decision of age τ shows only delays up to τ. The product-limit estimate for such right-truncated delays
(Lynden-Bell, MNRAS 155, 1971; Kalbfleisch & Lawless, JASA 84, 1989): F(x) / F(τ_max) = Π over x_j > x of
(1 - d_j / R_j), with R_j the delays seen that are at most x_j and could have been as long as x_j.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import msgspec

SCORED_FROM = 0.3  # cohorts of which less is known are not scored
CURVE_AGES = (1, 3, 7, 14, 21, 30, 45, 60, 90)


class Curve(msgspec.Struct, frozen=True):
    """Delays in days, rising, with the share of frauds reported by each; 1 at the longest that was seen."""

    delays: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    reports: int = 0

    def share(self, age_days: float) -> float:
        """The share of frauds that are reported by an age; 0 when nothing is known."""
        place = bisect_right(self.delays, age_days)
        return self.shares[place - 1] if place else 0.0


def maturity(seen: Iterable[tuple[float, float]]) -> Curve:
    """The curve from pairs of (delay, age of the decision now), in days; delays beyond the age are ignored."""
    pairs = [(max(delay, 0.0), age) for delay, age in seen if delay <= age]
    delays = sorted(delay for delay, _ in pairs)
    ages = sorted(age for _, age in pairs)
    distinct = sorted(set(delays))
    share, shares = 1.0, []
    for delay in reversed(distinct):
        shares.append(share)
        at_or_below = bisect_right(delays, delay)
        died = at_or_below - bisect_left(delays, delay)
        at_risk = at_or_below - bisect_left(ages, delay)  # every age below this delay belongs to a shorter delay
        share *= 1.0 - died / at_risk
    return Curve(tuple(distinct), tuple(reversed(shares)), len(pairs))


def corrected_rate(cohorts: Sequence[tuple[int, int, float]], curve: Curve) -> float | None:
    """Σ frauds reported / Σ N·F(age) over cohorts (decisions, frauds reported, age in days) known well enough.

    Chapelle, KDD 2014, for delayed feedback. None when no cohort is.
    """
    known = [(n, frauds, curve.share(age)) for n, frauds, age in cohorts if curve.share(age) >= SCORED_FROM]
    exposure = sum(n * share for n, _, share in known)
    return sum(frauds for _, frauds, _ in known) / exposure if exposure else None
