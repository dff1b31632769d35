"""Hours unlike the same hour of other weeks: a robust baseline, with the false alarms it is built for. Pure.

Watched are what METRICS names and the shares of the operator's own metrics.
The last whole hour is compared with its hour of the week, and the hours beside it, in the weeks before: median and
MAD · 1.4826 (Hampel, JASA 69, 1974), of the square root for counts, of the logit for shares, so that the spread does
not depend on the level. The spread is at least what chance alone gives a count. With k values of a baseline the
distance follows about a t distribution with k - 1 degrees of freedom, whose two-sided 0.1 % point is the limit.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import NormalDist, median

import msgspec

from fraud.watch.cells import Cell

ALPHA = 0.001
WEEKS, BESIDE = 4, 1
LEAST = 6  # values of a baseline
MAD_TO_SD = 1.4826
WEEK, HOUR = timedelta(weeks=1), timedelta(hours=1)


class Anomaly(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one hour: its value, what is usual, and how many spreads lie between."""

    hour: str
    metric: str
    value: float
    usual: float
    distance: float
    limit: float


class Metric(msgspec.Struct, frozen=True):
    """A figure of a cell on a scale of even spread, the spread chance alone gives it there, and the way back."""

    scaled: Callable[[Cell], float]
    chance: Callable[[Cell], float]
    back: Callable[[float], float]


def _logit(part: int, whole: int) -> float:
    return math.log((part + 0.5) / (whole - part + 0.5))


def _logit_chance(part: int, whole: int) -> float:
    return math.sqrt(1 / (part + 0.5) + 1 / (whole - part + 0.5))


def _share(part: Callable[[Cell], int]) -> Metric:
    return Metric(
        lambda cell: _logit(part(cell), cell.succeeded),
        lambda cell: _logit_chance(part(cell), cell.succeeded),
        lambda x: 1 / (1 + math.exp(-x)),
    )


def _share_of(custom: str) -> Metric:
    return _share(lambda cell: cell.custom.get(custom, 0))


METRICS: Mapping[str, Metric] = {
    "total_transactions": Metric(lambda cell: math.sqrt(cell.succeeded), lambda _: 0.5, lambda x: x * x),
    "fraud_rate": _share(lambda cell: cell.frauds),
    "high_risk_rate": _share(lambda cell: cell.high_risk),
}


class Unusual(msgspec.Struct, frozen=True, kw_only=True):
    """What was unusual in an hour."""

    hour: str
    anomalies: list[Anomaly]


def unusual(counted: Callable[[datetime, datetime], Cell], at: datetime) -> Unusual:
    """What was unusual in the last whole hour before `at`; `counted(since, until)` gives what was counted."""
    hour = at.replace(minute=0, second=0, microsecond=0) - HOUR
    cells = {begin: counted(begin, begin + HOUR) for begin in (*_alike(hour), hour)}
    known = {begin: cell for begin, cell in cells.items() if cell.total or begin == hour}
    return Unusual(hour=_named(hour), anomalies=anomalies(known, hour))


def anomalies(hours: Mapping[datetime, Cell], at: datetime) -> list[Anomaly]:
    """What was unusual in the hour that begins at `at`, given the hours before it; nothing while those are few."""
    past = [hours[one] for one in _alike(at) if one in hours]
    now = hours.get(at, Cell())
    if len(past) < LEAST:
        return []
    own = {f"custom.{name}": _share_of(name) for cell in (*past, now) for name in cell.custom}
    found = (_compared(name, metric, now, past, at) for name, metric in {**METRICS, **own}.items())
    return [one for one in found if abs(one.distance) > one.limit]


def _alike(at: datetime) -> Sequence[datetime]:
    return [at - week * WEEK + beside * HOUR for week in range(1, WEEKS + 1) for beside in range(-BESIDE, BESIDE + 1)]


def _compared(name: str, metric: Metric, now: Cell, past: Sequence[Cell], at: datetime) -> Anomaly:
    usual = [metric.scaled(cell) for cell in past]
    middle = median(usual)
    spread = max(MAD_TO_SD * median(abs(one - middle) for one in usual), metric.chance(now))
    return Anomaly(
        hour=_named(at),
        metric=name,
        value=metric.back(metric.scaled(now)),
        usual=metric.back(middle),
        distance=(metric.scaled(now) - middle) / spread,
        limit=t_limit(len(past) - 1),
    )


def _named(hour: datetime) -> str:
    return hour.strftime("%Y-%m-%dT%H:00:00Z")


def t_limit(freedom: int, alpha: float = ALPHA) -> float:
    """The two-sided point of Student's t, by the expansion of Cornish and Fisher (Abramowitz & Stegun 26.7.5)."""
    z = NormalDist().inv_cdf(1 - alpha / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + first / freedom + second / freedom**2 + third / freedom**3 + fourth / freedom**4
