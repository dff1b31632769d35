"""Golden rows: what the source model is asked, so that the packed one can be held against its answers."""

import warnings
from typing import Any

import joblib
import numpy as np

from fraud.packing.answers import probability_of_fraud
from fraud.packing.axes import Floats
from fraud.packing.bundle import Bundle, predict_bundle
from fraud.packing.landscape import Landscape

RANDOM_ROWS = 160
NEIGHBOUR_ROWS = 40
SPLIT_POINTS = 32
_SEED = 20240501
_FAR = 10.0
_LARGEST = 1e30


def golden_rows(landscape: Landscape, reference: Floats) -> Floats:
    """At least 200 finite rows, the same for the same model.

    Random within the model's own ranges, around the reference, all zeros, both ends and far beyond them, each column
    at its ends, and exactly on split points and one float64 and one float32 step beside them. Columns that are split
    by sets of values hold those values and others. No value lies where its column has no answer.
    """
    rng = np.random.default_rng(_SEED)
    low, high = landscape.ranges()
    random = rng.uniform(low, high, (RANDOM_ROWS, len(low)))
    mixed = rng.random((NEIGHBOUR_ROWS, len(low))) < 0.2
    neighbours = np.where(mixed, rng.uniform(low, high, mixed.shape), reference)
    span = high - low
    ends = np.stack([reference, np.zeros_like(low), low, high, low - _FAR * span, high + _FAR * span])
    rows = np.concatenate([random, neighbours, ends, _one_at_a_time(reference, low, high)])
    _draw_choices(landscape, rows, rng)
    rows = np.concatenate([rows, *_beside_splits(landscape, rows, rng)])
    return np.asarray(np.clip(landscape.within(rows), -_LARGEST, _LARGEST))


def golden_answers(artefact: Any, rows: Floats) -> Floats:
    """The source model's own probability of fraud for each row (see `answers`).

    Trees are asked one after the other: with several threads a forest's sum depends on which finishes first.
    """
    quiet = np.errstate(over="ignore", invalid="ignore")  # rows far outside may overflow
    with warnings.catch_warnings(), quiet, joblib.parallel_config(backend="sequential"):
        warnings.simplefilter("ignore", UserWarning)  # the rows are an array, the model may know names
        if isinstance(artefact, Bundle):
            return predict_bundle(artefact, rows)
        return probability_of_fraud(artefact, rows)


def _one_at_a_time(reference: Floats, low: Floats, high: Floats) -> Floats:
    rows = np.tile(reference, (2 * len(reference), 1))
    columns = np.arange(len(reference))
    rows[2 * columns, columns], rows[2 * columns + 1, columns] = low, high
    return rows


def _draw_choices(landscape: Landscape, rows: Floats, rng: np.random.Generator) -> None:
    for column, values in landscape.choice_values().items():
        rows[:, column] = rng.choice(values, len(rows)) + rng.choice([0.0, 0.0, 0.0, 0.5], len(rows))


def _beside_splits(landscape: Landscape, rows: Floats, rng: np.random.Generator) -> list[Floats]:
    """Random rows moved onto split points, those most training rows met first: they decide wherever they are met."""
    splits = landscape.splits
    common = np.argsort(-(splits.low + splits.high), kind="stable")
    places = dict.fromkeys(zip(splits.column[common].tolist(), splits.threshold[common].tolist(), strict=True))
    moved = []
    for column, threshold in list(places)[:SPLIT_POINTS]:
        steps = _steps(threshold)
        batch = np.tile(rows[rng.integers(len(rows))], (len(steps), 1))
        batch[:, column] = steps
        moved.append(batch)
    return moved


def _steps(threshold: float) -> list[float]:
    single = np.float32(threshold)
    return [
        threshold,
        *(float(np.nextafter(threshold, way)) for way in (-np.inf, np.inf)),
        *(float(np.nextafter(single, np.float32(way))) for way in (-np.inf, np.inf)),
        float(single),
    ]
