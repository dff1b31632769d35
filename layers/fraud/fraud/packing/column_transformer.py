"""ColumnTransformer: some columns each way, the results side by side."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer

from fraud.packing.bench import Bench
from fraud.packing.chains import width_after
from fraud.scoring.packed.program import Branches, ScaleShift, Select, Transform


def pack_column_transformer(model: ColumnTransformer, bench: Bench) -> tuple[Transform, ...]:
    """One branch for each transformer that keeps columns, in scikit-learn's order, the remainder last.

    Columns chosen by name, place, mask, slice or callable were resolved to places when it was fitted.
    """
    bench.check_width(model)
    if model.sparse_output_:
        raise bench.unsupported(model, " with sparse output")
    if any(_is_name(columns) for _, _, columns in model.transformers_):
        bench.by_name.append(model)
    branches = tuple(_branches(model, bench))
    if not branches:
        raise bench.unsupported(model, " that drops every column")
    return branches[0] if len(branches) == 1 else (Branches(branches),)


def _branches(model: ColumnTransformer, bench: Bench) -> Iterator[tuple[Transform, ...]]:
    for name, transformer, _ in model.transformers_:
        columns = model._transformer_to_input_indices[name]
        if len(columns) and not (isinstance(transformer, str) and transformer == "drop"):
            weight = (model.transformer_weights or {}).get(name)
            yield (Select(bench.store(columns, "i4")), *_branch(transformer, bench.at(len(columns)), weight))


def _branch(transformer: Any, bench: Bench, weight: Any) -> tuple[Transform, ...]:
    packed: tuple[Transform, ...] = ()
    if not isinstance(transformer, str):  # "passthrough"
        packed = bench.transforms(transformer)
    if weight is None:
        return packed
    width = width_after(packed, bench.arrays, bench.width)
    return (*packed, ScaleShift(bench.store(np.full(width, float(weight))), bench.store(np.zeros(width))))


@contextmanager
def columns_by_place(transformers: Sequence[ColumnTransformer]) -> Iterator[None]:
    """Meanwhile the transformers choose by place: those fitted on named columns take no array otherwise."""
    before = [model.transformers_ for model in transformers]
    try:
        for model in transformers:
            places = model._transformer_to_input_indices
            model.transformers_ = [(name, transformer, places[name]) for name, transformer, _ in model.transformers_]
        yield
    finally:
        for model, own in zip(transformers, before, strict=True):
            model.transformers_ = own


def _is_name(columns: Any) -> bool:
    if isinstance(columns, slice):
        return isinstance(columns.start, str) or isinstance(columns.stop, str)
    return any(isinstance(column, str) for column in np.atleast_1d(np.asarray(columns, dtype=object)).tolist())
