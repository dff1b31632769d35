"""What `make load` calls a success."""

from collections import Counter

import pytest

from benchmarks.load import ERROR_BUDGET, Verdict

SECONDS = [0.01 * number for number in range(1, 1001)]


def verdict(errors: int = 0, lost: tuple[str, ...] = ()) -> Verdict:
    return Verdict(1000, Counter({"timeout": errors}), list(lost), SECONDS)


@pytest.mark.parametrize(
    ("found", "passes"),
    [
        (verdict(), True),
        (verdict(errors=round(1000 * ERROR_BUDGET)), True),
        (verdict(errors=round(1000 * ERROR_BUDGET) + 1), False),
        (verdict(lost=("load-1",)), False),
    ],
)
def test_a_load_passes_within_its_error_budget_and_with_nothing_lost(found: Verdict, passes: bool) -> None:
    assert found.passed is passes


def test_a_failure_names_what_was_lost() -> None:
    assert "1 decisions lost ['load-1']" in verdict(lost=("load-1",)).text()
