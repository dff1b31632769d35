"""What the numbers of a card do not say."""

from collections.abc import Iterator

from fraud.versions.card.facts import Facts
from fraud.versions.card.figures import count, number, share
from fraud.versions.card.parts import Section, Words
from fraud.versions.keys import EVALUATION_KEY
from fraud.versions.measurements import Evaluation

FEW_FRAUDS = 100


def section(facts: Facts) -> Section:
    """The limits of use, in sentences."""
    measured = facts.evaluation
    told = (*_of_measurement(facts, measured), *_of_scores(measured), *_of_explanations())
    return Section("Limits of use", (Words(told, listed=True),))


def _of_measurement(facts: Facts, measured: Evaluation | None) -> Iterator[str]:
    if measured is None:
        yield "No performance is known: whatever is claimed above was not checked on any row."
        return
    digest = f", SHA-256 {facts.evaluation_sha256}" if facts.evaluation_sha256 else ""
    yield (
        f"Measured on one set of labelled rows ({EVALUATION_KEY} as it was then{digest}): the figures hold for "
        "transactions like those, and the intervals cover the luck of drawing them, not another population or a "
        "later time."
    )
    yield (
        f"Precision, average precision and F1 depend on how rare fraud is ({share(measured.frauds / measured.n)} of "
        "those rows); where it is rarer they are lower at the same threshold."
    )
    if measured.frauds < FEW_FRAUDS:
        yield f"With {count(measured.frauds)} frauds in the set, each one found or missed moves recall visibly."
    yield "The decision threshold is the drop's own or the default; chosen on these very rows it would flatter F1."


def _of_scores(measured: Evaluation | None) -> Iterator[str]:
    known = (
        f" (calibration error {number(measured.calibration_error)})" if measured else ", which was not measured here"
    )
    yield f"A score may be read as a probability only as far as the calibration bears it out{known}."
    yield "A column that a caller leaves out is filled with its median, unless it is required: such a score knows less."


def _of_explanations() -> Iterator[str]:
    yield (
        "Explanations compare a transaction with a single reference row, the column medians below. They add up exactly "
        "to the score for this reference; with another reference the shares differ, and they say what moved the model, "
        "not what caused a fraud."
    )
