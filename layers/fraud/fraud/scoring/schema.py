"""The feature schema of a model version: which values a row holds, in which order, and what fills a gap."""

from collections.abc import Iterable, Sequence

import msgspec

from fraud.errors import InvalidRequestError, Problem
from fraud.scoring.transaction import Transaction

DEFAULT_FEATURES = ("amount", "time", *(f"V{number}" for number in range(1, 29)))
TOP_LEVEL = ("amount", "time")


class Feature(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of the model: its name, the training median, whether a caller must send it, training deciles.

    `shares` are those of the evaluation rows that lie in the bins between the deciles: what drift is measured from.
    """

    name: str
    median: float = 0.0
    required: bool = False
    quantiles: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()

    @property
    def source(self) -> str:
        """Where the value is read: the top-level field `amount` or `time`, else the feature of this name."""
        return self.name.lower() if self.name.lower() in TOP_LEVEL else self.name


class Schema(msgspec.Struct, frozen=True):
    """The columns of a version in the model's own order."""

    features: tuple[Feature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def medians(self) -> tuple[float, ...]:
        """The median row, which stands for a typical transaction."""
        return tuple(feature.median for feature in self.features)


class RowReader:
    """Turns transactions into rows of one schema; made once per loaded version."""

    def __init__(self, schema: Schema) -> None:
        self._columns = [(feature.source, feature.median, feature.required) for feature in schema.features]
        self._sources = [feature.source for feature in schema.features]
        self._known = frozenset(source for source, _, _ in self._columns if source not in TOP_LEVEL)

    def row(self, transaction: Transaction) -> tuple[list[float], list[str]]:
        """The row of floats in schema order, and the names of features filled with their training median.

        Raises InvalidRequestError naming each feature the schema does not know or requires and misses.
        """
        sent = transaction.features
        if not sent.keys() <= self._known:
            raise _refused(
                Problem(f"features.{name}", "is not a feature of the active model")
                for name in sent
                if name not in self._known
            )
        values = {**sent, "amount": transaction.amount, "time": transaction.time}
        if len(sent) == len(self._known):
            return [values[source] for source in self._sources], []
        return [values.get(source, median) for source, median, _ in self._columns], self._missing(values)

    def _missing(self, values: dict[str, float]) -> list[str]:
        absent = [(source, required) for source, _, required in self._columns if source not in values]
        needed = [source for source, required in absent if required]
        if needed:
            raise _refused(Problem(f"features.{name}", "is required by the active model") for name in needed)
        return [source for source, _ in absent]


def schema_of(names: Sequence[str]) -> Schema:
    """A schema of the given columns with nothing known about them yet."""
    return Schema(tuple(Feature(name) for name in names))


def _refused(problems: Iterable[Problem]) -> InvalidRequestError:
    details = list(problems)
    words = ", ".join(f"{problem['field']} {problem['problem']}" for problem in details[:3])
    return InvalidRequestError(words, code="invalid_transaction", details=details)
