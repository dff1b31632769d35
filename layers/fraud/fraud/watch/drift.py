"""Drift: do live values still look as they did where the version was measured? Pure: counts in, verdicts out.

PSI = Σ (a - e) ln(a / e) over the training quantile bins. Without drift PSI / (1/n + 1/m) follows χ² with B - 1 degrees
of freedom (Yurdakul, Western Michigan, 2018), which gives a p-value and a critical value at the real n (live) and m
(reference); from n = 20 B on its false alarms are those it states. Across features the p-values are adjusted by
Benjamini and Hochberg (1995), and what is significant but small (PSI below EFFECT_FLOOR) is not called drift.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from fraud.watch.significance import adjusted, chi2_critical, chi2_tail, ks_critical, ks_tail

ALPHA = 0.01
EFFECT_FLOOR = 0.05
FIXED_THRESHOLD = 0.10  # the convention of Siddiqi (Credit Risk Scorecards, 2006), shown for comparison
ROWS_PER_BIN = 20
SMALLEST_SHARE = 1e-4
BIN_SHARE = 0.05  # reference bins are joined until each holds this much
Shares = Sequence[float]


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One distribution against its reference.

    `state`: ok, drifted, too_few (n < 20 bins) or no_reference. `adjusted_p` is the p-value after Benjamini-Hochberg;
    `score_shift` what this feature's change alone does to the score of a typical transaction.
    """

    name: str
    state: str
    n: int
    psi: float | None = None
    critical_value: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    over_fixed_threshold: bool = False
    score_shift: float | None = None


class ScoreDrift(msgspec.Struct, frozen=True, kw_only=True):
    """The score's drift by PSI, and by the Kolmogorov-Smirnov distance over log-odds bins, at most the exact one."""

    psi: Drift
    ks: float | None = None
    ks_critical_value: float | None = None
    ks_p_value: float | None = None


def feature_drift(name: str, reference: Shares, live: Mapping[int, int], reference_rows: int) -> Drift:
    """One feature, its p-value not yet adjusted; `reference` are shares by bin, `live` counts by bin."""
    n = sum(live.values())
    expected, found = _joined(reference, [live.get(place, 0) for place in range(len(reference))])
    if len(expected) < 2:
        return Drift(name=name, state="no_reference", n=n)
    if n < ROWS_PER_BIN * len(expected):
        return Drift(name=name, state="too_few", n=n)
    distance, scale, freedom = psi(expected, found), 1 / n + 1 / (reference_rows or n), len(expected) - 1
    return Drift(
        name=name,
        state="ok",
        n=n,
        psi=distance,
        critical_value=scale * chi2_critical(ALPHA, freedom),
        p_value=chi2_tail(distance / scale, freedom),
        over_fixed_threshold=distance > FIXED_THRESHOLD,
    )


def verdicts(found: Sequence[Drift]) -> list[Drift]:
    """The same with adjusted p-values and what drifted, by how much the score moves through it, then by PSI."""
    tested = [one for one in found if one.p_value is not None]
    told = zip(tested, adjusted([one.p_value or 0.0 for one in tested]), strict=True)
    settled = [_settled(one, p) for one, p in told] + [one for one in found if one.p_value is None]
    return sorted(settled, key=lambda one: (-abs(one.score_shift or 0.0), -(one.psi or 0.0), one.name))


def score_drift(reference: Mapping[int, int], live: Mapping[int, int]) -> ScoreDrift:
    """The score against the evaluation's, both counted by log-odds bin."""
    n, m = sum(live.values()), sum(reference.values())
    places = sorted({*reference, *live})
    shares = [reference.get(place, 0) / m for place in places] if m else []
    found = feature_drift("score", shares, {at: live.get(place, 0) for at, place in enumerate(places)}, m)
    [found] = verdicts([found])
    if found.psi is None:
        return ScoreDrift(psi=found)
    distance = _ks(shares, [live.get(place, 0) / n for place in places])
    return ScoreDrift(
        psi=found,
        ks=distance,
        ks_critical_value=ks_critical(ALPHA, n, m),
        ks_p_value=ks_tail(distance, n, m),
    )


def psi(expected: Shares, counts: Sequence[int]) -> float:
    """The population stability index of counts against expected shares."""
    n = sum(counts)
    shares = [max(count / n, SMALLEST_SHARE) for count in counts]
    return math.fsum((a - e) * math.log(a / e) for a, e in zip(shares, expected, strict=True))


def _settled(one: Drift, p: float) -> Drift:
    drifted = p <= ALPHA and (one.psi or 0.0) >= EFFECT_FLOOR
    return msgspec.structs.replace(one, adjusted_p=p, state="drifted" if drifted else "ok")


def _joined(reference: Shares, counts: Sequence[int]) -> tuple[list[float], list[int]]:
    """Neighbouring bins joined until each holds BIN_SHARE of the reference: ties leave bins empty."""
    expected, found, share, count = list[float](), list[int](), 0.0, 0
    for more_share, more_count in zip(reference, counts, strict=True):
        share, count = share + more_share, count + more_count
        if share >= BIN_SHARE:
            expected, found, share, count = [*expected, share], [*found, count], 0.0, 0
    if expected:
        expected[-1], found[-1] = expected[-1] + share, found[-1] + count
    return expected, found


def _ks(expected: Shares, found: Shares) -> float:
    distance = total = 0.0
    for e, a in zip(expected, found, strict=True):
        total += a - e
        distance = max(distance, abs(total))
    return distance
