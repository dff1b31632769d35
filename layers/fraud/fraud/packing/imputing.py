"""Imputers: complete rows pass through them unchanged."""

import numpy as np
from sklearn.impute import SimpleImputer

from fraud.packing.bench import Bench
from fraud.scoring.packed.ops import Pad
from fraud.scoring.packed.program import Select, Transform


def pack_simple_imputer(imputer: SimpleImputer, bench: Bench) -> tuple[Transform, ...]:
    """The columns it keeps, then a zero for each indicator of missing values.

    Refused: placeholders other than NaN, which a complete row may hold, and imputers fitted on anything but float64,
    to which they would round.
    """
    bench.check_width(imputer)
    placeholder = imputer.missing_values
    if not isinstance(placeholder, float) or not np.isnan(placeholder):
        raise bench.unsupported(imputer, f" with missing_values={str(placeholder)[:40]}")
    if imputer._fit_dtype != np.float64:
        raise bench.unsupported(imputer, f" fitted on {imputer._fit_dtype}")
    empty = np.isnan(np.asarray(imputer.statistics_, dtype=np.float64))
    kept = np.arange(bench.width) if imputer.keep_empty_features else np.flatnonzero(~empty)
    packed: tuple[Transform, ...] = () if len(kept) == bench.width else (Select(bench.store(kept, "i4")),)
    indicators = len(imputer.indicator_.features_) if imputer.add_indicator else 0
    return (*packed, Pad(indicators)) if indicators else packed
