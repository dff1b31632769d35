"""What the trusted side demands of a packed model before it believes in it."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, repeat

import pytest

from fraud.errors import InvalidArtefactError, InvalidPackedModelError
from fraud.scoring.packed.kernel_trees import KernelTrees
from fraud.versions import verification
from fraud.versions.verification import verify
from tests.unit.scoring.packed.programs import forest, packed

PACKED = forest([(0, 100.0, 0.25, 0.75)], 2)
ROWS = [(float(number), 0.0) for number in range(200)]
ANSWERS = [0.25 if row[0] <= 100.0 else 0.75 for row in ROWS]


def rows_taking(*seconds: float) -> Iterator[float]:
    """A clock read once at the start, then before and after each row; the last row's time is also all later ones'."""
    now = 0.0
    yield now
    for row in chain(seconds, repeat(seconds[-1])):
        yield now
        now += row
        yield now


def refusal(
    packed: bytes = PACKED,
    rows: Sequence[Sequence[float]] = ROWS,
    answers: Sequence[float] = ANSWERS,
    clock: Iterator[float] | None = None,
) -> str:
    told = clock or rows_taking(0.0)
    with pytest.raises(InvalidArtefactError) as refused:
        verify(packed, rows, answers, clock=lambda: next(told))
    return refused.value.message


def test_a_model_that_answers_as_its_source_is_believed() -> None:
    assert verify(PACKED, ROWS, ANSWERS).features == ("x0", "x1")


def test_a_model_the_engines_answer_differently_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a kernel gone wrong
    monkeypatch.setattr(KernelTrees, "score_rows", lambda self, rows: [0.5] * rows.count)

    assert refusal() == "the kernel and the walker answer the same row differently"


def test_a_reference_row_without_a_finite_answer_is_the_models_fault() -> None:
    # GIVEN a line so steep that the largest of the rows has no finite margin
    steep = packed({"op": "sigmoid", "of": {"op": "linear", "weights": "w", "intercept": 0.0}},
                   {"w": array("d", [1e10, 0.0])}, [0.0, 0.0])  # fmt: skip

    words = refusal(steep, [*ROWS, (1e300, 0.0)], [*ANSWERS, 1.0])

    assert words == "the packed model has no finite answer to a reference row"


def test_a_median_row_of_50_ms_is_allowed() -> None:
    # GIVEN half the rows in no time, so that the median lies between both halves
    clock = rows_taking(*[0.0] * 100, 0.099)

    assert verify(PACKED, ROWS, ANSWERS, clock=lambda: next(clock))


def test_a_median_row_of_more_is_refused_with_the_number() -> None:
    words = refusal(clock=rows_taking(*[0.0] * 99, 0.0505))

    assert words == "the median row takes 50.5 ms to score, 50 ms are allowed"


def test_a_model_that_would_hold_up_the_function_is_refused_half_way() -> None:
    words = refusal(clock=rows_taking(4.0))

    assert words == "scoring 6 of 200 reference rows took 24.0 s, 20 s are allowed for all of them"


def test_more_bytes_than_serving_has_room_for_are_refused_with_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MAX_MODEL_BYTES", len(PACKED) - 1)

    assert refusal() == f"the packed model has {len(PACKED)} bytes, {len(PACKED) - 1} are allowed"


def test_answers_that_differ_from_the_sources_are_refused_with_the_worst() -> None:
    words = refusal(answers=[0.25, *ANSWERS[1:150], *[0.5] * 50])

    assert words == "50 of 200 reference answers differ from the source model's by up to 0.25 (allowed 0)"


def test_answers_that_are_no_numbers_are_refused() -> None:
    assert "differ" in refusal(answers=[float("nan")] * 200)


def test_a_model_that_answers_everything_alike_has_learnt_nothing() -> None:
    words = refusal(packed=forest([0.25], 2), answers=[0.25] * 200)

    assert words == "the model answers 0.25 whatever the row: it has learnt nothing"


@pytest.mark.parametrize(
    ("rows", "answers"), [(ROWS[:199], ANSWERS[:199]), (ROWS, ANSWERS[:199]), ([(1.0,)] * 200, ANSWERS)]
)
def test_too_few_or_wrong_reference_rows_are_refused(rows: list[tuple[float, ...]], answers: list[float]) -> None:
    assert "reference rows" in refusal(rows=rows, answers=answers)


def test_bytes_that_are_no_packed_model_are_never_evaluated() -> None:
    with pytest.raises(InvalidPackedModelError):
        verify(b"FRAUDPK1 and more", ROWS, ANSWERS)
