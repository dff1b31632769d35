"""What a packed model computes, as data: a small expression tree in the header, its numbers in named arrays.

A scorer turns a row into one number; a transform turns a row into another row. New families add a class to
`Scorer` or `Transform` here (or in `ops`) and its builder in `build` or `transform_build`; what exists keeps its
meaning.
"""

import msgspec

from fraud.scoring.packed.ops import FlatTransform, FlatTrees


class ShiftScale(msgspec.Struct, tag_field="op", tag="shift_scale", forbid_unknown_fields=True, frozen=True):
    """`(x - shift) / scale` by column; either array may be absent (StandardScaler, RobustScaler)."""

    shift: str | None = None
    scale: str | None = None


class ScaleShift(msgspec.Struct, tag_field="op", tag="scale_shift", forbid_unknown_fields=True, frozen=True):
    """`x * scale + shift` by column, then cut to `clip` (MinMaxScaler)."""

    scale: str
    shift: str
    clip: tuple[float, float] | None = None


class Select(msgspec.Struct, tag_field="op", tag="select", forbid_unknown_fields=True, frozen=True):
    """The listed columns, in that order; a column may come twice or not at all."""

    columns: str


class Branches(msgspec.Struct, tag_field="op", tag="branches", forbid_unknown_fields=True, frozen=True):
    """The row through each sequence of transforms; the results side by side (ColumnTransformer)."""

    of: "tuple[tuple[Transform, ...], ...]"


class Linear(msgspec.Struct, tag_field="op", tag="linear", forbid_unknown_fields=True, frozen=True):
    """`intercept + Σ weight * x`."""

    weights: str
    intercept: float


class Trees(msgspec.Struct, tag_field="op", tag="trees", forbid_unknown_fields=True, frozen=True):
    """`(base + leaf + leaf + …) / divisor`, in tree order; arrays `<nodes>.feature`, `.value`, `.left`, …

    `single`: the row is rounded to float32 before it is compared, as scikit-learn's Cython trees do.
    """

    nodes: str
    single: bool
    base: float = 0.0
    divisor: int = 1


class Affine(msgspec.Struct, tag_field="op", tag="affine", forbid_unknown_fields=True, frozen=True):
    """`scale * of + offset`."""

    of: "Scorer"
    scale: float
    offset: float


class Sigmoid(msgspec.Struct, tag_field="op", tag="sigmoid", forbid_unknown_fields=True, frozen=True):
    """`1 / (1 + exp(-of))`."""

    of: "Scorer"


class SingleSigmoid(msgspec.Struct, tag_field="op", tag="single_sigmoid", forbid_unknown_fields=True, frozen=True):
    """`1 / (1 + exp(-of))`, each operation rounded to float32 (XGBoost)."""

    of: "Scorer"


class Steps(msgspec.Struct, tag_field="op", tag="steps", forbid_unknown_fields=True, frozen=True):
    """Straight lines between the points `(at, value)`, flat outside them (isotonic calibration)."""

    of: "Scorer"
    at: str
    value: str


class Pipeline(msgspec.Struct, tag_field="op", tag="pipeline", forbid_unknown_fields=True, frozen=True):
    """Transforms one after the other, then a scorer."""

    transforms: "tuple[Transform, ...]"
    of: "Scorer"


class Mean(msgspec.Struct, tag_field="op", tag="mean", forbid_unknown_fields=True, frozen=True):
    """`Σ weight * member / Σ weight`, summed in order."""

    members: "tuple[Scorer, ...]"
    weights: str


class Stack(msgspec.Struct, tag_field="op", tag="stack", forbid_unknown_fields=True, frozen=True):
    """`of` the row of the members' answers, followed by the row itself when `passthrough` is set."""

    members: "tuple[Scorer, ...]"
    passthrough: bool
    of: "Scorer"


Transform = ShiftScale | ScaleShift | Select | Branches | FlatTransform
Scorer = Linear | Trees | Affine | Sigmoid | SingleSigmoid | Steps | Pipeline | Mean | Stack | FlatTrees


class Header(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The header of a packed model. `reference_source` says where the reference row comes from."""

    kind: str
    family: str
    features: tuple[str, ...]
    reference_source: str
    program: Scorer
