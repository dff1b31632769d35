"""From a fitted object to a packed model with its golden rows."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import joblib
import msgspec
import numpy as np
import sklearn

from fraud.errors import InvalidArtefactError, InvalidRequestError
from fraud.packing.artefact import family_of, own_names, width_of
from fraud.packing.axes import Floats
from fraud.packing.bench import Bench
from fraud.packing.bundle import Bundle, pack_bundle, read_bundle
from fraud.packing.claims import plain_claims
from fraud.packing.column_transformer import columns_by_place
from fraud.packing.columns import agreed_names, assumed_names, check_unnamed
from fraud.packing.families import FAMILIES
from fraud.packing.fold import fold
from fraud.packing.golden import golden_answers, golden_rows
from fraud.packing.landscape import survey
from fraud.packing.reference import Reference, reference_row
from fraud.scoring.packed import container
from fraud.scoring.packed.arrays import Arrays
from fraud.scoring.packed.build import Builder
from fraud.scoring.packed.model import KIND, REFERENCE, PackedModel
from fraud.scoring.packed.program import Header, Scorer

_DAMAGE = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError, InvalidRequestError)


class Packed(NamedTuple):
    """A packed model and what is needed to trust it.

    `golden_rows` (n, k) and `golden_answers` (n,): scikit-learn's own probabilities of class 1. `columns_assumed`:
    how unnamed columns were read, None when they have names. `metadata`: what a bundle claims of itself.
    """

    model: bytes
    family: str
    features: tuple[str, ...]
    columns_assumed: str | None
    golden_rows: Floats
    golden_answers: Floats
    libraries: dict[str, str]
    metadata: dict[str, Any]


def pack(
    artefact: object,
    *,
    feature_names: Sequence[str] | None = None,
    medians: Mapping[str, float] | None = None,
) -> Packed:
    """Pack a fitted classifier, pipeline or bundle; the artefact is not changed.

    `feature_names` name the columns of an artefact that does not name them itself; `medians` (training medians by
    name) make the reference row explanations compare with, the model's own splits and scales fill the rest.
    Raises UnsupportedModelError naming the class, InvalidArtefactError for anything else that is wrong with it.
    """
    try:
        subject = read_bundle(artefact) if type(artefact) is dict else artefact
        return _pack(subject, feature_names, medians or {})
    except _DAMAGE as exc:
        # an object of the right class with the wrong insides can fail anywhere
        raise InvalidArtefactError(f"the {type(artefact).__name__} cannot be used: {exc}") from exc


def _pack(subject: object, given: Sequence[str] | None, medians: Mapping[str, float]) -> Packed:
    if not isinstance(subject, Bundle):
        FAMILIES.classifier_packer(subject)
    width = width_of(subject)
    names = agreed_names(own_names(subject), given, width)
    if names is None:
        check_unnamed(width)
    bench = Bench(FAMILIES, width)
    packed = pack_bundle(subject, bench) if isinstance(subject, Bundle) else bench.classifier(subject)
    _check_structure(packed.probability, bench)
    program = fold(packed.probability, bench)
    landscape = survey(program, packed.probability, bench.arrays, width)
    features, assumed = (names, None) if names else assumed_names(landscape.reach())
    reference = reference_row(landscape, features, medians)
    data = _container(program, bench, features, family_of(subject), reference)
    model = PackedModel.from_bytes(data, "walker")  # quarantine runs no native code of ours; `deploy` asks both engines
    rows = golden_rows(landscape, reference.row)
    with columns_by_place(bench.by_name):
        answers = golden_answers(subject, rows)
    _check_parity(model, rows, answers)
    claims = plain_claims(subject.metadata) if isinstance(subject, Bundle) else {}
    return Packed(data, model.family, features, assumed, rows, answers, running_libraries(), claims)


def running_libraries() -> dict[str, str]:
    """The versions that packed."""
    return {
        "python": platform.python_version(),
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "joblib": joblib.__version__,
    }


def _check_structure(program: Scorer, bench: Bench) -> None:
    """Refuse broken trees before anything walks them: scikit-learn itself would crash or never end."""
    views = {name: memoryview(array) for name, array in bench.arrays.items()}
    Builder(Arrays(views)).scorer(program, bench.width)


def _container(program: Scorer, bench: Bench, features: tuple[str, ...], family: str, reference: Reference) -> bytes:
    header = Header(KIND, family, features, reference.source, program)
    named = set(_texts(msgspec.to_builtins(program)))
    kept = {name: array for name, array in bench.arrays.items() if name.partition(".")[0] in named}
    return container.encode(msgspec.to_builtins(header), {**kept, REFERENCE: reference.row})


def _texts(part: Any) -> Iterator[str]:
    """Every text in a program: among them the names of all arrays it still reads."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list | tuple):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _texts(inner)


def _check_parity(model: PackedModel, rows: Floats, answers: Floats) -> None:
    scores = np.array(model.score_many(rows.tolist()))
    worst = float(np.max(np.abs(scores - answers)))
    if not worst <= model.parity_tolerance:
        raise InvalidArtefactError(
            f"the packed {model.family} differs from scikit-learn by {worst:.3g} on its golden rows"
            f" ({model.parity_tolerance:g} allowed)"
        )
