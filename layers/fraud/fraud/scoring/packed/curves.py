"""Curved transforms, column by column, and the bounds outside which they have no answer."""

from collections.abc import Callable, Sequence
from math import expm1, log, log1p

from fraud.errors import InvalidPackedModelError, InvalidRequestError
from fraud.scoring.packed.transforms import RowTransform

OUT_OF_BOUNDS = "a value of the transaction lies outside what the model's transforms are defined for"
_EPSILON = 2.0**-52
_NO_POWER = 1e-19


class Log1p(RowTransform):
    """`log(1 + x)`."""

    def __init__(self, width: int) -> None:
        self.width = width

    def apply(self, row: Sequence[float]) -> list[float]:
        """The logarithms; InvalidRequestError for -1 and less."""
        try:
            return list(map(log1p, row))
        except ValueError as exc:
            raise InvalidRequestError(OUT_OF_BOUNDS) from exc


class Power(RowTransform):
    """`curve(x, lambda)` by column."""

    def __init__(self, curve: Callable[[float, float], float], lambdas: list[float]) -> None:
        self.width = len(lambdas)
        self._curve, self._lambdas = curve, lambdas

    def apply(self, row: Sequence[float]) -> list[float]:
        """The transformed row; InvalidRequestError for numbers the curve is not defined for."""
        try:
            return list(map(self._curve, row, self._lambdas))
        except (OverflowError, ValueError) as exc:
            raise InvalidRequestError(OUT_OF_BOUNDS) from exc


class Bounds(RowTransform):
    """The row, if each column lies between its bounds."""

    straight = True

    def __init__(self, low: list[float], high: list[float]) -> None:
        self.width = len(low)
        self._bounds = list(zip(low, high, strict=True))
        if any(start > end for start, end in self._bounds):
            raise InvalidPackedModelError("a column's bounds are empty")

    def apply(self, row: Sequence[float]) -> list[float]:
        """The same row; InvalidRequestError for a value out of bounds."""
        for x, (low, high) in zip(row, self._bounds, strict=True):
            if not low <= x <= high:
                raise InvalidRequestError(OUT_OF_BOUNDS)
        return list(row)


def yeo_johnson(x: float, power: float) -> float:
    """Yeo and Johnson (2000), in scipy's order of operations."""
    if x >= 0.0:
        return expm1(power * log1p(x)) / power if abs(power) >= _EPSILON else log1p(x)
    rest = 2.0 - power
    return -expm1(rest * log1p(-x)) / rest if abs(power - 2.0) > _EPSILON else -log1p(-x)


def box_cox(x: float, power: float) -> float:
    """Box and Cox (1964), in scipy's order of operations; ValueError for 0 and less."""
    return expm1(power * log(x)) / power if abs(power) >= _NO_POWER else log(x)
