"""What the columns of an artefact are called."""

from collections.abc import Sequence

from fraud.errors import InvalidArtefactError
from fraud.packing.axes import Floats
from fraud.scoring.packed.model import MAX_NAME
from fraud.scoring.schema import DEFAULT_FEATURES

ULB_FEATURES = ("Time", *(f"V{number}" for number in range(1, 29)), "Amount")
_AMOUNT_REACH = 200.0
_TIME_REACH = 50_000.0


def agreed_names(own: Sequence[str] | None, given: Sequence[str] | None, width: int) -> tuple[str, ...] | None:
    """The artefact's own names in its own order, else those given beside it; None when there are neither.

    InvalidArtefactError when both exist and are not the same names, when they do not fit the width, or are not usable.
    """
    if own and given and sorted(own) != sorted(given):
        raise InvalidArtefactError("the names given beside the artefact are not those it was fitted with")
    names = tuple(own or given or ())
    if not names:
        return None
    if len(names) != width:
        raise InvalidArtefactError(f"{len(names)} column names for {width} columns")
    if len({name.lower() for name in names}) != width:
        raise InvalidArtefactError("column names must differ by more than upper and lower case")
    if not all(1 <= len(name) <= MAX_NAME and name.isprintable() for name in names):
        raise InvalidArtefactError(f"column names must be 1 to {MAX_NAME} printable characters")
    return names


def check_unnamed(width: int) -> None:
    """InvalidArtefactError unless an artefact without names has the columns of the contract."""
    if width != len(DEFAULT_FEATURES):
        raise InvalidArtefactError(
            f"the artefact names no columns and reads {width}; expected {len(DEFAULT_FEATURES)}"
            " (amount, time, V1 to V28), or names for them"
        )


def assumed_names(reach: Floats) -> tuple[tuple[str, ...], str]:
    """Names for 30 unnamed columns, and the sentence that says why.

    `reach` is the largest magnitude the artefact's split points and scales show in each column. Amounts and times run
    far beyond V1 to V28: where only the last and the first column do, the order is that of the public card data.
    """
    first, second, last = float(reach[0]), float(reach[1]), float(reach[-1])
    if second > _AMOUNT_REACH or not (last > _AMOUNT_REACH or first > _TIME_REACH):
        return DEFAULT_FEATURES, "the artefact names no columns: read as amount, time, V1 to V28, the default order"
    evidence = (
        f"the last column reaches {last:.4g}" if last > _AMOUNT_REACH else f"the first column reaches {first:.4g}"
    )
    return ULB_FEATURES, f"the artefact names no columns: read as Time, V1 to V28, Amount, because {evidence}"
