"""Where a chain has answers, and where its scaler says its column usually lies, in units of the raw column."""

from collections.abc import Iterator

import numpy as np

from fraud.errors import InvalidArtefactError
from fraud.packing.axes import CONSTANT, ArrayMap, Floats
from fraud.packing.chains import Chain, chains_of, through
from fraud.packing.crossings import LARGEST, edge
from fraud.scoring.packed.program import Affine, Mean, Pipeline, Scorer, Sigmoid, SingleSigmoid, Stack, Steps

LARGEST_ANSWER = 1e30
_ANCHORS = np.array([0.0, 1.0, -0.5, 0.5, 1e-3, -1e-3, 10.0, 1e3, 1e6, -10.0, -1e3, -1e6])


def domain_of(chain: Chain) -> tuple[float, float]:
    """The lowest and highest value of the raw column whose answer is a number of at most 1e30.

    InvalidArtefactError when no usual value has one.
    """

    def answered(x: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return np.abs(chain(x)) <= LARGEST_ANSWER

    usual = _ANCHORS[answered(_ANCHORS)]
    if not len(usual):
        raise InvalidArtefactError("a transform answers no usual value with a finite number")
    ends = edge(answered, np.repeat(usual[0], 2), np.array([-LARGEST, LARGEST]))
    return float(ends[0]), float(ends[1])


def scales_of(scorer: Scorer, arrays: ArrayMap, width: int) -> tuple[Floats, Floats]:
    """Centre and spread of each raw column as the first scaler on its way shows them; NaN where there is none."""
    centre, spread = np.full(width, np.nan), np.full(width, np.nan)
    for chains in _ways(scorer, arrays, chains_of((), arrays, width)):
        for chain in chains:
            if chain.source != CONSTANT and np.isnan(centre[chain.source]):
                centre[chain.source], spread[chain.source] = _scale(chain)
    return centre, spread


def _scale(chain: Chain) -> tuple[float, float]:
    scaling = next((index for index, step in enumerate(chain.steps) if step.scale), None)
    if scaling is None:
        return np.nan, np.nan
    way = Chain(chain.source, chain.steps[: scaling + 1])
    middle, half = chain.steps[scaling].scale or (0.0, 0.0)
    targets = np.array([middle - half / 2.0, middle, middle + half / 2.0])  # well inside where the scaler may cut
    low, high = domain_of(way)
    places = edge(lambda x: way(x) <= targets, np.repeat(low, 3), np.repeat(high, 3))
    return float(places[1]), float(places[2] - places[0])


def _ways(scorer: Scorer, arrays: ArrayMap, chains: list[Chain]) -> Iterator[list[Chain]]:
    if isinstance(scorer, Pipeline):
        chains = through(scorer.transforms, arrays, chains)
        yield chains
    if isinstance(scorer, Pipeline | Sigmoid | SingleSigmoid | Affine | Steps):
        yield from _ways(scorer.of, arrays, chains)
    elif isinstance(scorer, Mean | Stack):
        for member in scorer.members:
            yield from _ways(member, arrays, chains)
