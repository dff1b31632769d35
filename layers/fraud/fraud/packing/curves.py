"""Logarithms and powers."""

from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer, PowerTransformer

from fraud.packing.bench import Bench
from fraud.scoring.packed.ops import Log1p, Power
from fraud.scoring.packed.program import Transform


def pack_power_transformer(model: PowerTransformer, bench: Bench) -> tuple[Transform, ...]:
    """Yeo-Johnson or Box-Cox by column, then the scaler of `standardize`."""
    bench.check_width(model)
    curve = Power(model.method, bench.store(model.lambdas_))
    return (curve, *bench.transforms(model._scaler)) if model.standardize else (curve,)


def pack_function_transformer(model: FunctionTransformer, bench: Bench) -> tuple[Transform, ...]:
    """`numpy.log1p` itself, or no function at all; any other one is refused."""
    bench.check_width(model)
    if model.kw_args:
        raise bench.unsupported(model, " with kw_args")
    if model.func is None:
        return ()
    if model.func is not np.log1p:
        raise bench.unsupported(model, f" of {_name(model.func)}")
    return (Log1p(),)


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))[:80]
