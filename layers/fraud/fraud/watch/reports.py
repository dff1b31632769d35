"""Reports from the counters: how requests went, and what was decided. Pure: slices in, plain figures out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fraud.clock import rfc3339
from fraud.watch.cells import Cell, Slice, merged
from fraud.watch.histogram import quantile
from fraud.watch.slices import HOUR_LENGTH

Report = dict[str, Any]
Slices = Sequence[tuple[str, Slice]]
Figures = Callable[[Cell], Report]
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def window(hours: int, now: datetime) -> tuple[datetime, datetime]:
    """The last `hours` hours from the beginning of the first to the end of the present one: read an item an hour."""
    begin = (now - timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
    return begin, begin + timedelta(hours=hours + 1)


def performance(slices: Slices, hours: int, now: datetime) -> Report:
    """Requests, failures by code, latency of answered requests; by hour, version and endpoint."""
    total = merged(held for _, held in slices)
    return {**_frame(slices, hours, now, traffic), "errors": total.errors, "statuses": _texts(total)}


def business(slices: Slices, hours: int, now: datetime) -> Report:
    """Transactions, what was flagged, amounts; by hour, version and endpoint."""
    return _frame(slices, hours, now, decisions)


def model(summaries: Mapping[str, Report]) -> Report:
    """What the tick last found of the active version: its checks, drift, quality."""
    health, drift, quality = (summaries.get(name) for name in ("HEALTH", "DRIFT", "QUALITY"))
    return {
        "state": "ok" if health else "no_data",
        "message": None if health else "No recent data: the first check is made within a minute",
        "active_version": health["active_version"] if health else None,
        "health": health["status"] if health else None,
        "checks": health["checks"] if health else [],
        "drift": drift,
        "quality": quality,
    }


def traffic(cell: Cell) -> Report:
    """How the requests of a cell went."""
    return {
        "total_requests": cell.total,
        "successful_requests": cell.succeeded,
        "failed_requests": cell.failed,
        "success_rate": ratio(cell.succeeded, cell.total),
        "latency_ms": latency_ms(cell),
    }


def decisions(cell: Cell) -> Report:
    """What was decided in a cell; amounts in the callers' own unit."""
    return {
        "total_transactions": cell.succeeded,
        "fraud_predictions": cell.frauds,
        "fraud_rate": ratio(cell.frauds, cell.succeeded),
        "high_risk_transactions": cell.high_risk,
        "high_risk_rate": ratio(cell.high_risk, cell.succeeded),
        "total_amount": int(cell.amount_cents) / 100,
        "fraud_amount": int(cell.fraud_amount_cents) / 100,
        "average_amount": ratio(int(cell.amount_cents) / 100, cell.succeeded),
        "recommendations": cell.recommendations,
        "custom": {
            name: {"count": count, "rate": ratio(count, cell.succeeded)} for name, count in sorted(cell.custom.items())
        },
    }


def latency_ms(cell: Cell) -> dict[str, float | None]:
    """Mean, minimum and maximum exactly, percentiles within 2.5 %; null when nothing was answered."""
    if not cell.succeeded:
        return dict.fromkeys(("mean", *PERCENTILES, "min", "max"))
    low, high = cell.latency_min_us or 0, cell.latency_max_us or 0
    told = {name: min(max(quantile(cell.latency, share) or 0, low), high) for name, share in PERCENTILES.items()}
    micros = {"mean": cell.latency_us / cell.succeeded, **told, "min": low, "max": high}
    return {name: round(value / 1000, 3) for name, value in micros.items()}


def ratio(part: float, whole: int) -> float | None:
    """A share, None of nothing."""
    return part / whole if whole else None


def _frame(slices: Slices, hours: int, now: datetime, figures: Figures) -> Report:
    since, _ = window(hours, now)
    total = merged(held for _, held in slices)
    keys = sorted({key for _, held in slices for key in held})
    versions, endpoints = (sorted({key.split(" ")[part] for key in keys}) for part in (0, 1))
    found = [held for _, held in slices]
    return {
        "state": "ok" if total.total else "no_data",
        "message": None if total.total else f"No recent data: nothing was recorded in the last {hours} hours",
        "window_hours": hours,
        "from": rfc3339(since),
        "to": rfc3339(now),
        **figures(total),
        "per_hour": [{"hour": f"{hour}:00:00Z", **figures(merged(held))} for hour, held in _by_hour(slices)],
        "by_version": {version: figures(merged(found, version)) for version in versions},
        "by_endpoint": {endpoint: figures(merged(found, None, endpoint)) for endpoint in endpoints},
    }


def _by_hour(slices: Slices) -> Iterable[tuple[str, list[Slice]]]:
    hours: dict[str, list[Slice]] = {}
    for begin, held in slices:
        hours.setdefault(begin[:HOUR_LENGTH], []).append(held)
    return sorted(hours.items())


def _texts(cell: Cell) -> dict[str, int]:
    return {str(status): count for status, count in sorted(cell.statuses.items())}
