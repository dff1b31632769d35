"""Scalers: column by column, in scikit-learn's order of operations."""

from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from fraud.packing.bench import Bench
from fraud.scoring.packed.program import ScaleShift, ShiftScale, Transform


def pack_standard_scaler(scaler: StandardScaler, bench: Bench) -> tuple[Transform, ...]:
    """`(x - mean_) / scale_`, each half only when it was asked for."""
    bench.check_width(scaler)
    shift = bench.store(scaler.mean_) if scaler.with_mean else None
    scale = bench.store(scaler.scale_) if scaler.with_std else None
    return (ShiftScale(shift, scale),)


def pack_robust_scaler(scaler: RobustScaler, bench: Bench) -> tuple[Transform, ...]:
    """`(x - center_) / scale_`, each half only when it was asked for."""
    bench.check_width(scaler)
    shift = bench.store(scaler.center_) if scaler.with_centering else None
    scale = bench.store(scaler.scale_) if scaler.with_scaling else None
    return (ShiftScale(shift, scale),)


def pack_min_max_scaler(scaler: MinMaxScaler, bench: Bench) -> tuple[Transform, ...]:
    """`x * scale_ + min_`, cut to `feature_range` when `clip` is set."""
    bench.check_width(scaler)
    low, high = scaler.feature_range
    clip = (float(low), float(high)) if scaler.clip else None
    return (ScaleShift(bench.store(scaler.scale_), bench.store(scaler.min_), clip),)
