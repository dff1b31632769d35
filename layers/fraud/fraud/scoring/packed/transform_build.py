"""From the transforms of a program to evaluators, with every limit checked."""

from collections.abc import Callable
from typing import Any

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed import columns, curves, ops, program
from fraud.scoring.packed.arrays import Arrays
from fraud.scoring.packed.transforms import RowTransform, build_transform

MAX_TRANSFORMS = 512
MAX_NESTING = 8
MAX_WIDTH = 8192
_POWERS: dict[str, Callable[[float, float], float]] = {
    "yeo-johnson": curves.yeo_johnson,
    "box-cox": curves.box_cox,
}


class TransformBuilder:
    """Builds the transforms of one program from its arrays.

    Raises InvalidPackedModelError for missing arrays, unusable numbers, and programs that are too large.
    """

    def __init__(self, arrays: Arrays, kernel: Any = None) -> None:
        self._arrays, self._kernel = arrays, kernel
        self._built = 0
        self._nesting = 0

    def build(self, spec: program.Transform, width: int) -> RowTransform:
        """The evaluator of `spec` over rows of `width`."""
        self._built += 1
        build = _BUILDERS.get(type(spec), TransformBuilder.scaling)
        built = build(self, spec, width)
        if self._built > MAX_TRANSFORMS or built.width > MAX_WIDTH:
            raise InvalidPackedModelError(f"more than {MAX_TRANSFORMS} transforms or {MAX_WIDTH} columns")
        return built

    def scaling(self, spec: Any, width: int) -> RowTransform:
        """Scales and selected columns."""
        return build_transform(spec, self._arrays, width, self._kernel)

    def log1p(self, _: ops.Log1p, width: int) -> RowTransform:
        """Logarithms."""
        return curves.Log1p(width)

    def power(self, spec: ops.Power, width: int) -> RowTransform:
        """Powers."""
        return curves.Power(_POWERS[spec.method], self._arrays.floats(spec.lambdas, width))

    def bounds(self, spec: ops.Bounds, width: int) -> RowTransform:
        """Bounds."""
        return curves.Bounds(self._arrays.floats(spec.low, width), self._arrays.floats(spec.high, width))

    def pad(self, spec: ops.Pad, width: int) -> RowTransform:
        """Zeros."""
        return columns.Pad(width, min(spec.zeros, MAX_WIDTH))

    def truncate(self, spec: ops.Truncate, width: int) -> RowTransform:
        """Whole numbers."""
        chosen = self._arrays.integers(spec.columns, "i")
        if not chosen or min(chosen) < 0 or max(chosen) >= width:
            raise InvalidPackedModelError(f"truncated columns lie outside the {width} there are")
        return columns.Truncate(width, chosen)

    def branches(self, spec: program.Branches, width: int) -> RowTransform:
        """Branches, each a sequence over the same row."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise InvalidPackedModelError(f"branches nest deeper than {MAX_NESTING}")
        built = columns.Branches(width, [self._sequence(branch, width) for branch in spec.of])
        self._nesting -= 1
        return built

    def _sequence(self, specs: tuple[program.Transform, ...], width: int) -> list[RowTransform]:
        built: list[RowTransform] = []
        for spec in specs:
            built.append(self.build(spec, built[-1].width if built else width))
        return built


_BUILDERS: dict[type, Callable[[TransformBuilder, Any, int], RowTransform]] = {
    ops.Log1p: TransformBuilder.log1p,
    ops.Power: TransformBuilder.power,
    ops.Bounds: TransformBuilder.bounds,
    ops.Pad: TransformBuilder.pad,
    ops.Truncate: TransformBuilder.truncate,
    program.Branches: TransformBuilder.branches,
}
