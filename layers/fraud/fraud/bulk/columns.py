"""A table's columns as fields of a transaction."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from fraud.errors import InvalidRequestError, Problem
from fraud.scoring.problems import summary
from fraud.scoring.schema import TOP_LEVEL, Schema

TEXTS = ("transaction_id", "merchant_category", "location", "entity_id")
LABEL = "class"


class Columns:
    """The header of a CSV or Parquet file against one version's schema.

    Names are matched whatever their case: `transaction_id`, `amount`, `time`, `merchant_category`, `location` and
    `entity_id` are the transaction's own, `Class` (the label of training files) is passed over, all others must be
    features of the version. Raises InvalidRequestError naming each column that is unknown, double or missing.
    """

    def __init__(self, names: Sequence[str], schema: Schema) -> None:
        features = {one.source.lower(): one.source for one in schema.features}
        found = [name.strip().lower() for name in names]
        problems = list(_problems(names, found, features))
        if problems:
            raise InvalidRequestError(f"header: {summary(problems)}", code="invalid_input", details=problems)
        own = {*TEXTS, *TOP_LEVEL, LABEL}
        self.width = len(found)
        self._texts = [(name, at) for at, name in enumerate(found) if name in TEXTS]
        self._numbers = [(name, at) for at, name in enumerate(found) if name in TOP_LEVEL]
        self._features = [(features[name], at) for at, name in enumerate(found) if name not in own]

    def read(self, cells: Sequence[str]) -> list[object]:
        """The cells of a CSV row as values: numbers where they are read as such, None where they are empty."""
        values: list[object] = [*map(_number, cells)]
        for _, at in self._texts:
            values[at] = cells[at]
        return values

    def values(self, cells: Sequence[object], default_id: str) -> dict[str, Any]:
        """The transaction's fields; what is empty is left out, a missing id is `default_id`."""
        return {
            "transaction_id": default_id,
            **{name: str(cells[at]) for name, at in self._texts if cells[at] not in (None, "")},
            **{name: cells[at] for name, at in self._numbers if cells[at] is not None},
            "features": {name: cells[at] for name, at in self._features if cells[at] is not None},
        }


def _number(cell: str) -> object:
    """The finite number in a cell, None for an empty one, the text itself when it is neither."""
    try:
        number = float(cell)
        return number if isfinite(number) and "_" not in cell else cell  # Python alone reads 1_000 as a number
    except ValueError:
        return cell if cell.strip() else None


def _problems(names: Sequence[str], found: list[str], features: Mapping[str, str]) -> Iterator[Problem]:
    known = {*TEXTS, *TOP_LEVEL, LABEL, *features}
    for at, (name, lower) in enumerate(zip(names, found, strict=True)):
        if lower not in known:
            yield Problem(name[:128], "is neither a field of a transaction nor a feature of the model")
        elif lower in found[:at]:
            yield Problem(name[:128], "is there twice")
    for name in TOP_LEVEL:
        if name not in found:
            yield Problem(name, "is missing from the header")
