"""How far packed answers lie from the source model's, on rows where trees split above all."""

from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.family_models import NAMES, Floats, Source, draw
from fraud.packing import pack
from fraud.packing.splits import splits_of
from fraud.scoring.packed import container
from fraud.scoring.packed.model import PackedModel
from fraud.scoring.packed.program import Header

ON_SPLITS = 4  # one row in so many lies on a split point or beside it
THRESHOLDS = np.arange(1, 100) / 100


class Parity(NamedTuple):
    """`largest`: the largest difference of a probability; `flips`: decisions that differ at 0.01, 0.02 … 0.99."""

    largest: float
    flips: int
    tolerance: float
    packed: PackedModel
    data: bytes
    rows: Floats


def parity(source: Source, rows: int) -> Parity:
    """Pack the model and hold it against its source on so many rows it never saw."""
    data = pack(source.artefact, feature_names=NAMES).model
    packed = PackedModel.from_bytes(data)
    asked = rows_asked(data, rows)
    ours = np.array([packed.score(row) for row in asked.tolist()])
    theirs = source.answers(asked)
    flips = sum(int(((ours >= threshold) != (theirs >= threshold)).sum()) for threshold in THRESHOLDS)
    return Parity(float(np.abs(ours - theirs).max()), flips, packed.parity_tolerance, packed, data, asked)


def rows_asked(data: bytes, rows: int) -> Floats:
    """Drawn rows, a part of them moved onto the packed model's split points and one float64 or float32 beside them."""
    asked, _ = draw(1, rows)
    header, arrays = container.decode(data)
    program = msgspec.convert(header, Header).program
    splits = splits_of(program, {name: np.asarray(view) for name, view in arrays.items()}, len(NAMES))
    if not len(splits.column):
        return asked
    random = np.random.default_rng(2)
    moved = np.arange(0, rows, ON_SPLITS)
    chosen = random.integers(len(splits.column), size=len(moved))
    asked[moved, splits.column[chosen]] = _beside(splits.threshold[chosen], random)
    asked[:, -1] = np.maximum(asked[:, -1], 0.0)  # amounts are not negative: a logarithm may follow
    return asked


def _beside(thresholds: Floats, random: np.random.Generator) -> Floats:
    single = thresholds.astype(np.float32)
    places = [
        thresholds,
        np.nextafter(thresholds, -np.inf),
        np.nextafter(thresholds, np.inf),
        single.astype(np.float64),
        np.nextafter(single, np.float32(-np.inf)).astype(np.float64),
        np.nextafter(single, np.float32(np.inf)).astype(np.float64),
    ]
    return np.stack(places)[random.integers(len(places), size=len(thresholds)), np.arange(len(thresholds))]
