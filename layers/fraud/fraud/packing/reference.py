"""The row explanations compare with: a typical transaction."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from fraud.errors import InvalidArtefactError
from fraud.packing.axes import Floats
from fraud.packing.landscape import Landscape


class Reference(NamedTuple):
    """The row (one number a column), and where its numbers come from."""

    row: Floats
    source: str


def reference_row(landscape: Landscape, features: Sequence[str], medians: Mapping[str, float]) -> Reference:
    """The training medians where they are given, else what the model's own splits and scales show as typical.

    InvalidArtefactError for a median that is not finite or belongs to no column.
    """
    strangers = sorted(medians.keys() - set(features))
    if strangers:
        raise InvalidArtefactError(f"medians are given for columns the model does not have: {strangers[:5]}")
    row = landscape.typical_row()
    for column, name in enumerate(features):
        median = medians.get(name, row[column])
        if not isfinite(median):
            raise InvalidArtefactError(f"the median of {name} is {median}")
        row[column] = median
    return Reference(row, _source(len(medians), len(features)))


def _source(given: int, columns: int) -> str:
    if given == columns:
        return "training medians"
    rest = "typical values of the model's splits and scales"
    return f"training medians of {given} columns, {rest} for the others" if given else rest
