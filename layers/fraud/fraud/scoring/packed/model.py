"""A packed model: bytes in, probabilities and reasons out."""

from collections.abc import Sequence
from math import isfinite, nan
from typing import Literal

import msgspec

from fraud.errors import InvalidPackedModelError, InvalidRequestError
from fraud.scoring.packed import container
from fraud.scoring.packed.arrays import Arrays
from fraud.scoring.packed.attribution import Attribution, method_of, settled
from fraud.scoring.packed.build import Builder
from fraud.scoring.packed.kernel import kernel
from fraud.scoring.packed.links import Sigmoid
from fraud.scoring.packed.program import Header
from fraud.scoring.packed.rows import Rows
from fraud.scoring.packed.scorer import RowScorer

Engine = Literal["kernel", "walker"]

KIND = "fraud_model"
REFERENCE = "reference"
MAX_FEATURES = 4096
MAX_NAME = 128
TOO_LARGE = "the transaction's numbers are too large to score"


class PackedModel:
    """A validated program over rows of `n_features` finite numbers in the order of `features`.

    `reference` is the row explanations may compare with (a typical transaction) and `reference_source` says where it
    comes from; `parity_tolerance` is how far an answer may lie from the source model's (0: bit-equal).
    """

    def __init__(self, header: Header, reference: Sequence[float], scorer: RowScorer) -> None:
        self.family = header.family
        self.features = header.features
        self.n_features = len(header.features)
        self.reference = tuple(reference)
        self.reference_source = header.reference_source
        self.node_count = scorer.node_count
        self.parity_tolerance = scorer.tolerance
        self._link = scorer.link if isinstance(scorer, Sigmoid) else None
        self._margin = scorer.of if isinstance(scorer, Sigmoid) else scorer
        self._method = method_of(self._margin.methods, rescaled=self._margin.rescaled)
        try:
            self._finite_margin(self.reference)
        except InvalidRequestError as exc:
            raise InvalidPackedModelError(f"the reference row has no finite answer: {exc}") from exc

    @classmethod
    def from_bytes(cls, data: bytes, engine: Engine = "kernel") -> "PackedModel":
        """The model in a container; InvalidPackedModelError unless every part of it can be evaluated safely.

        The walker takes the place of a kernel that is not there: same answers, other Shapley values.
        """
        raw, views = container.decode(data)
        try:
            header = msgspec.convert(raw, Header)
        except (msgspec.ValidationError, RecursionError) as exc:
            raise InvalidPackedModelError(f"the header is not that of a packed model: {exc}") from exc
        _check_header(header)
        arrays = Arrays(views)
        reference = arrays.floats(REFERENCE, len(header.features))
        scorer = Builder(arrays, kernel() if engine == "kernel" else None).scorer(header.program, len(header.features))
        arrays.refuse_leftovers()
        if not scorer.probability:
            raise InvalidPackedModelError("the program does not answer with a probability")
        return cls(header, reference, scorer)

    def score(self, row: Sequence[float]) -> float:
        """The probability of fraud.

        Raises ValueError for a row of another length and InvalidRequestError for numbers so large that the
        margin is not finite, or outside what a transform of the model is defined for.
        """
        margin = self._finite_margin(row)
        return self._link(margin) if self._link else margin

    def score_many(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """The probability of fraud of each row, by one call of the kernel for each set of trees.

        Raises as `score` does, for the first row that has no answer.
        """
        try:
            margins = self._margin.values(Rows(rows, self.n_features))
        except InvalidRequestError:
            margins = [nan]
        if not all(map(isfinite, margins)):
            return [self.score(row) for row in rows]
        return list(map(self._link, margins)) if self._link else margins

    def explain(self, row: Sequence[float], reference: Sequence[float] | None = None) -> Attribution:
        """How the answer splits between the columns; `Attribution.method` says by which Shapley values.

        `reference` (default: the model's own) is what weighted sums, and trees without a kernel or training weights,
        compare with. Log-odds for models that end in a sigmoid, else probability. Raises as `score` does.
        """
        against = self.reference if reference is None else reference
        self._check_length(row)
        self._check_length(against)
        base, margin, shares = self._margin.split(row, against)
        if not isfinite(base) or not isfinite(margin) or not isfinite(sum(shares)):
            raise InvalidRequestError(TOO_LARGE)
        return Attribution(
            method=self._method,
            unit="log_odds" if self._link else "probability",
            base=base,
            margin=margin,
            contributions=settled(base, margin, shares),
        )

    def explain_many(
        self, rows: Sequence[Sequence[float]], reference: Sequence[float] | None = None
    ) -> list[Attribution]:
        """The attribution of each row; raises as `explain` does, for the first row that has none."""
        return [self.explain(row, reference) for row in rows]

    def _check_length(self, row: Sequence[float]) -> None:
        if len(row) != self.n_features:
            raise ValueError(f"the row holds {len(row)} numbers, the model reads {self.n_features}")

    def _finite_margin(self, row: Sequence[float]) -> float:
        self._check_length(row)
        margin = self._margin.value(row)
        if not isfinite(margin):
            raise InvalidRequestError(TOO_LARGE)
        return margin


def _check_header(header: Header) -> None:
    names = header.features
    if header.kind != KIND:
        raise InvalidPackedModelError(f"the container holds {header.kind[:40]!r}, not {KIND!r}")
    if not 1 <= len(names) <= MAX_FEATURES or len({name.lower() for name in names}) != len(names):
        raise InvalidPackedModelError(f"feature names must differ and number 1 to {MAX_FEATURES}")
    if not all(1 <= len(name) <= MAX_NAME and name.isprintable() for name in names):
        raise InvalidPackedModelError(f"feature names must be 1 to {MAX_NAME} printable characters")
