"""Operations of a program that hold no others: curves, columns, and further kinds of trees."""

from typing import Literal

import msgspec


class Log1p(msgspec.Struct, tag_field="op", tag="log1p", forbid_unknown_fields=True, frozen=True):
    """`log(1 + x)` of every column; no answer for a row with a value of -1 or less."""


class Power(msgspec.Struct, tag_field="op", tag="power", forbid_unknown_fields=True, frozen=True):
    """Yeo-Johnson or Box-Cox by column, `lambdas` their exponents; Box-Cox has no answer for 0 and less."""

    method: Literal["yeo-johnson", "box-cox"]
    lambdas: str


class Bounds(msgspec.Struct, tag_field="op", tag="bounds", forbid_unknown_fields=True, frozen=True):
    """The row itself; no answer for a row with a column below `low` or above `high`."""

    low: str
    high: str


class Pad(msgspec.Struct, tag_field="op", tag="pad", forbid_unknown_fields=True, frozen=True):
    """The row followed by `zeros` columns of 0 (indicators of missing values, which complete rows do not have)."""

    zeros: int


class Truncate(msgspec.Struct, tag_field="op", tag="truncate", forbid_unknown_fields=True, frozen=True):
    """The listed columns without their fraction (LightGBM's categories)."""

    columns: str


class ChoiceTrees(msgspec.Struct, tag_field="op", tag="choice_trees", forbid_unknown_fields=True, frozen=True):
    """`(base + leaf + leaf + …) / divisor` over float64 rows; some splits ask for one of a set of values.

    Beside the arrays of `Trees`: `<nodes>.choice` (which set a split asks for, -1 for a threshold or a leaf), and the
    sets one after the other in `<nodes>.set_value`, the i-th from `<nodes>.set_start[i]` to `[i + 1]`.
    """

    nodes: str
    base: float = 0.0
    divisor: int = 1


class SingleTrees(msgspec.Struct, tag_field="op", tag="single_trees", forbid_unknown_fields=True, frozen=True):
    """`base + leaf + leaf + …`, row, leaves and every partial sum in float32 (XGBoost)."""

    nodes: str
    base: float


class IsolationTrees(msgspec.Struct, tag_field="op", tag="isolation_trees", forbid_unknown_fields=True, frozen=True):
    """`2 ** -((leaf + leaf + …) / unit)`, the leaves being path lengths (Liu, Ting and Zhou 2008).

    `single` as for `Trees`.
    """

    nodes: str
    single: bool
    unit: float


FlatTransform = Log1p | Power | Bounds | Pad | Truncate
FlatTrees = ChoiceTrees | SingleTrees | IsolationTrees
