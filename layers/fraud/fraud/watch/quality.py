"""How good decisions turned out, per version: realised from labels beside the estimate from calibrated scores.

Realised figures divide the frauds reported so far by the share that is reported at that age (`maturity`); cohorts of
which less than 30 % is known are left out. The estimate (CBPE, NannyML) needs no labels: with calibrated p,
E[TP] = Σ p of the flagged, E[FP] = Σ (1 - p) of them, E[FN] = Σ p of the rest; it holds while what p means holds.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from fraud.clock import parse_rfc3339
from fraud.watch.cells import BILLION, Cell
from fraud.watch.labels import AUTHORITY, Outcome
from fraud.watch.maturity import CURVE_AGES, SCORED_FROM, Curve, corrected_rate, maturity

DAY = timedelta(days=1)
Z_95 = 1.959963984540054
ANY = "any"
Day = tuple[str, str]  # date and version


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Precision, recall and F1; `f1_low` to `f1_high` is the 95 % interval of a realised F1."""

    precision: float | None
    recall: float | None
    f1: float | None
    f1_low: float | None = None
    f1_high: float | None = None


class VersionQuality(msgspec.Struct, frozen=True, kw_only=True):
    """One version: `labelled` counts its frauds known so far, `mature_decisions` those in cohorts that are scored."""

    decisions: int
    flagged: int
    labelled: int
    mature_decisions: int
    naive_fraud_rate: float | None
    corrected_fraud_rate: float | None
    realised: Figures | None
    estimated: Figures | None


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """Everything labels tell: share reported by age and source, and each version's quality."""

    reports: int
    maturity: dict[str, dict[str, float]]
    by_version: dict[str, VersionQuality]


def quality(cells: Mapping[Day, Cell], outcomes: Iterable[Outcome], now: datetime) -> Quality:
    """The quality of every version from its counts by day and what became known of its decisions."""
    known = list(outcomes)
    curves = {source: maturity(_delays(known, source, now)) for source in (ANY, *AUTHORITY)}
    versions = sorted({version for _, version in cells})
    return Quality(
        reports=len(known),
        maturity={
            name: {str(age): round(curve.share(age), 4) for age in CURVE_AGES}
            for name, curve in curves.items()
            if curve.reports
        },
        by_version={version: _of_version(version, cells, known, curves[ANY], now) for version in versions},
    )


def estimated(cell: Cell) -> Figures | None:
    """CBPE of the decisions in a cell; None of none."""
    tp, fn = cell.flagged_score / BILLION, cell.passed_score / BILLION
    return _figures(tp, cell.frauds - tp, fn) if cell.succeeded else None


def _of_version(
    version: str, cells: Mapping[Day, Cell], known: Sequence[Outcome], curve: Curve, now: datetime
) -> VersionQuality:
    mine = {date: cell for (date, of), cell in cells.items() if of == version}
    frauds = [one for one in known if one.is_fraud and one.decision.version == version]
    total = Cell()
    for cell in mine.values():
        total.add(cell)
    cohorts = [
        (cell.succeeded, sum(one.decision.at[:10] == date for one in frauds), _age(date, now))
        for date, cell in mine.items()
    ]
    labelled = sum(count for _, count, _ in cohorts)
    return VersionQuality(
        decisions=total.succeeded,
        flagged=total.frauds,
        labelled=labelled,
        mature_decisions=sum(n for n, _, age in cohorts if curve.share(age) >= SCORED_FROM),
        naive_fraud_rate=labelled / total.succeeded if total.succeeded else None,
        corrected_fraud_rate=corrected_rate(cohorts, curve),
        realised=_realised(mine, frauds, curve, now),
        estimated=estimated(total),
    )


def _realised(mine: Mapping[str, Cell], frauds: Sequence[Outcome], curve: Curve, now: datetime) -> Figures | None:
    """Each cohort's reported frauds over the share reported at its age; what was flagged beyond them is false."""
    tp = fn = seen = 0.0
    flagged = 0
    for date, cell in mine.items():
        share = curve.share(_age(date, now))
        if share < SCORED_FROM:
            continue
        here = [one for one in frauds if one.decision.at[:10] == date]
        hits = sum(one.decision.flagged for one in here)
        tp, fn, seen = tp + hits / share, fn + (len(here) - hits) / share, seen + len(here)
        flagged += cell.frauds
    if not seen:
        return None
    tp = min(tp, float(flagged))
    known = _figures(tp, flagged - tp, fn)
    low, high = _f1_interval(tp, flagged - tp + fn, seen / (tp + fn))
    return msgspec.structs.replace(known, f1_low=low, f1_high=high)


def _f1_interval(tp: float, wrong: float, seen_share: float) -> tuple[float, float]:
    """F1 = 2s / (1 + s) rises with s = TP / (TP + FP + FN): Wilson's 95 % interval of s, on the labels really seen."""
    n = (tp + wrong) * min(seen_share, 1.0)
    s = tp / (tp + wrong)
    centre, spread = s + Z_95**2 / (2 * n), Z_95 * math.sqrt(s * (1 - s) / n + Z_95**2 / (4 * n * n))
    low, high = ((centre + sign * spread) / (1 + Z_95**2 / n) for sign in (-1, 1))
    return 2 * low / (1 + low), 2 * high / (1 + high)


def _figures(tp: float, fp: float, fn: float) -> Figures:
    return Figures(
        precision=tp / (tp + fp) if tp + fp else None,
        recall=tp / (tp + fn) if tp + fn else None,
        f1=2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None,
    )


def _delays(known: Iterable[Outcome], source: str, now: datetime) -> Iterable[tuple[float, float]]:
    for one in known:
        first = min(one.first_reported.values(), default=None) if source == ANY else one.first_reported.get(source)
        if first:
            at = parse_rfc3339(one.decision.at)
            yield (parse_rfc3339(first) - at) / DAY, (now - at) / DAY


def _age(date: str, now: datetime) -> float:
    """Age in days of the decisions of a day: of its middle."""
    return (now - parse_rfc3339(f"{date}T12:00:00Z")) / DAY
