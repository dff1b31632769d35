"""Trees behind logarithms and powers, as trees of the raw columns.

A tree asks whether a transformed value passes a threshold; the transform rises, so that is whether the raw value passes
another one. That one is searched for with scikit-learn's own arithmetic, down to the last float64, so that the packed
tree decides as the original does on every row, whatever a serving machine's logarithms round to.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from fraud.errors import UnsupportedModelError
from fraud.packing.axes import CONSTANT, AnyTrees
from fraud.packing.bench import Bench
from fraud.packing.chains import Chain, chains_of, is_curved, width_after
from fraud.packing.composites import after
from fraud.packing.crossings import LARGEST
from fraud.packing.extents import domain_of
from fraud.packing.thresholds import raw_thresholds
from fraud.scoring.packed.choices import NO_CHOICE
from fraud.scoring.packed.ops import Bounds, ChoiceTrees
from fraud.scoring.packed.program import (
    Affine,
    Linear,
    Mean,
    Pipeline,
    Scorer,
    Sigmoid,
    SingleSigmoid,
    Stack,
    Steps,
    Transform,
)

Transforms = tuple[Transform, ...]


def fold(scorer: Scorer, bench: Bench) -> Scorer:
    """The program with trees moved before curved transforms, and bounds where those have no answer.

    Unchanged when no transform is curved. Raises UnsupportedModelError for what cannot be moved exactly.
    """
    curved = any(is_curved(transform) for transform in _transforms_in(scorer))
    return _moved(scorer, (), bench) if curved else scorer


def _moved(scorer: Scorer, outer: Transforms, bench: Bench) -> Scorer:
    """`scorer` of the row after `outer`, as a scorer of the bench's row."""
    if isinstance(scorer, Pipeline):
        return _moved(scorer.of, outer + scorer.transforms, bench)
    if isinstance(scorer, Sigmoid | SingleSigmoid | Affine | Steps):
        return msgspec.structs.replace(scorer, of=_moved(scorer.of, outer, bench))
    if isinstance(scorer, Mean):
        return msgspec.structs.replace(scorer, members=tuple(_moved(one, outer, bench) for one in scorer.members))
    if isinstance(scorer, Stack):
        return _moved_stack(scorer, outer, bench)
    return _moved_leaf(scorer, outer, bench) if any(map(is_curved, outer)) else after(outer, scorer)


def _moved_leaf(scorer: Linear | AnyTrees, outer: Transforms, bench: Bench) -> Scorer:
    chains = chains_of(outer, bench.arrays, bench.width)
    if isinstance(scorer, Linear):
        return Pipeline((_bounds(chains, bench), *outer), scorer)
    return _moved_trees(scorer, chains, bench)


def _moved_stack(stack: Stack, outer: Transforms, bench: Bench) -> Scorer:
    if not stack.passthrough:
        members = tuple(_moved(one, outer, bench) for one in stack.members)
        return Stack(members, False, _moved(stack.of, (), bench.at(len(members))))
    if any(map(is_curved, outer)):
        raise UnsupportedModelError("StackingClassifier with passthrough behind a logarithm or power cannot be packed")
    inside = bench.at(width_after(outer, bench.arrays, bench.width))
    members = tuple(_moved(one, (), inside) for one in stack.members)
    final = _moved(stack.of, (), bench.at(len(members) + inside.width))
    return after(outer, Stack(members, True, final))


def _moved_trees(trees: AnyTrees, chains: Sequence[Chain], bench: Bench) -> Scorer:
    """Trees of raw float64 columns; a split on a constant column sends every row the way it sent all."""
    old = {key.removeprefix(f"{trees.nodes}."): array for key, array in bench.arrays.items() if _of(trees, key)}
    new: dict[str, Any] = {key: array.copy() for key, array in old.items()}
    used = set()
    for column, nodes in _splits_by_column(old["feature"]):
        chain = chains[column]
        if isinstance(trees, ChoiceTrees) and chain.steps and (old["choice"][nodes] != NO_CHOICE).any():
            raise UnsupportedModelError("a categorical column behind a logarithm or power cannot be packed exactly")
        found = raw_thresholds(chain, old["value"][nodes], single=getattr(trees, "single", False))
        new["value"][nodes] = np.where(old["value"][nodes] == LARGEST, LARGEST, found.threshold)
        turned = nodes[found.always_high]
        new["left"][turned], new["right"][turned] = old["right"][turned], old["left"][turned]
        new["feature"][nodes] = 0 if chain.source == CONSTANT else chain.source
        used.add(column)
    group = bench.store_group(**{key: (array, array.dtype.str[1:]) for key, array in new.items()})
    moved = msgspec.structs.replace(trees, nodes=group, **({"single": False} if hasattr(trees, "single") else {}))
    return Pipeline((_bounds([chains[column] for column in sorted(used)], bench),), moved)


def _bounds(chains: Sequence[Chain], bench: Bench) -> Bounds:
    low, high = np.full(bench.width, -LARGEST), np.full(bench.width, LARGEST)
    for chain in chains:
        if chain.curved and chain.source != CONSTANT:
            first, last = domain_of(chain)
            low[chain.source] = max(low[chain.source], first)
            high[chain.source] = min(high[chain.source], last)
    return Bounds(bench.store(low), bench.store(high))


def _splits_by_column(feature: Any) -> Iterator[tuple[int, Any]]:
    for column in np.unique(feature[feature >= 0]):
        yield int(column), np.flatnonzero(feature == column)


def _of(trees: AnyTrees, key: str) -> bool:
    return key.startswith(f"{trees.nodes}.")


def _transforms_in(scorer: Scorer) -> Iterator[Transform]:
    if isinstance(scorer, Pipeline):
        yield from scorer.transforms
    if isinstance(scorer, Mean | Stack):
        for member in scorer.members:
            yield from _transforms_in(member)
    if isinstance(scorer, Pipeline | Sigmoid | SingleSigmoid | Affine | Steps | Stack):
        yield from _transforms_in(scorer.of)
