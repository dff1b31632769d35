"""The active model under watch: drift of what it sees, and what labels say of what it decided."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from fraud.scoring.live import ServingModel
from fraud.scoring.schema import Feature
from fraud.versions.measurements import evaluation_from_record
from fraud.versions.version import ModelVersion
from fraud.watch.cells import Cell, Slice, merged
from fraud.watch.drift import Drift, ScoreDrift, feature_drift, score_drift, verdicts
from fraud.watch.label_store import LabelStore
from fraud.watch.quality import Day, Quality, quality

DRIFT_HOURS = 24
CERTAIN = 14.0  # log-odds beyond which a probability says no more
LABEL_DAYS = 180
COUNTED_DAYS = 30


class DriftReport(msgspec.Struct, frozen=True, kw_only=True):
    """Drift of one version's features, what moves the score most first, and of its score."""

    version: str
    window_hours: int
    rows: int
    drifted: list[str]
    features: list[Drift]
    score: ScoreDrift


def drift_report(record: ModelVersion, model: ServingModel, seen: Cell, hours: int = DRIFT_HOURS) -> DriftReport:
    """What changed between the rows a version was measured on and those it saw."""
    measured = evaluation_from_record(record.metrics) if record.metrics else None
    live = seen.features or [{} for _ in record.schema.features]
    found = [
        _with_shift(
            feature_drift(one.name, reference(one), counts, measured.n if measured else 0), model, place, counts
        )
        for place, (one, counts) in enumerate(zip(record.schema.features, live, strict=True))
    ]
    settled = verdicts(found)
    score = score_drift({int(at): n for at, n in measured.score_bins.items()} if measured else {}, seen.scores)
    drifted = [one.name for one in (*settled, score.psi) if one.state == "drifted"]
    return DriftReport(
        version=record.version, window_hours=hours, rows=seen.succeeded, drifted=drifted, features=settled, score=score
    )


def reference(feature: Feature) -> Sequence[float]:
    """Reference shares of the bins between the deciles: measured, else a tenth each when the deciles differ."""
    edges = feature.quantiles
    if feature.shares or not edges:
        return feature.shares
    return [1 / (len(edges) + 1)] * (len(edges) + 1) if sorted(set(edges)) == list(edges) else ()


def quality_report(slices: Iterable[tuple[str, Slice]], labels: LabelStore, now: datetime) -> Quality:
    """Every version's quality from the hours counted and the labels of half a year."""
    cells: dict[Day, Cell] = {}
    for begin, held in slices:
        for key in {name.split(" ")[0] for name in held}:
            cells.setdefault((begin[:10], key), Cell()).add(merged([held], key))
    known = (one for back in range(LABEL_DAYS) for one in labels.outcomes(now - timedelta(days=back)))
    decided = {day: cell for day, cell in cells.items() if cell.succeeded}
    return quality(decided, known, now)


def _with_shift(found: Drift, model: ServingModel, place: int, counts: dict[int, int]) -> Drift:
    """The drift with what it does to a typical score: Σ (a - e) · log-odds of the median row, moved into the bin."""
    feature, n = model.schema.features[place], sum(counts.values())
    if found.psi is None:
        return found
    moved = [counts.get(at, 0) / n - share for at, share in enumerate(reference(feature))]
    margins = [_margin(model, place, value) for value in _typical(feature.quantiles)]
    shift = math.fsum(part * margin for part, margin in zip(moved, margins, strict=True))
    return msgspec.structs.replace(found, score_shift=shift)


def _margin(model: ServingModel, place: int, value: float) -> float:
    row = list(model.medians)
    row[place] = value
    p = model.packed.score(row)
    return max(-CERTAIN, min(CERTAIN, math.log(p / (1 - p)))) if 0 < p < 1 else CERTAIN * (1 if p >= 1 else -1)


def _typical(edges: Sequence[float]) -> list[float]:
    """A value inside each bin: midpoints, and as far outside the outer edges as the next bin is wide."""
    inner = [(low + high) / 2 for low, high in pairwise(edges)]
    if not inner:
        return [edges[0] - 1.0, edges[0] + 1.0]
    return [2 * edges[0] - inner[0], *inner, 2 * edges[-1] - inner[-1]]
