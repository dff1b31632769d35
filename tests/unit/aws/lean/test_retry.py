"""How often, and for how long, a failing call is tried."""

from collections.abc import Callable

import pytest

from fraud.aws.lean.retry import Patience, RetryBudget, TransientError, persist
from fraud.errors import UnavailableError

SWIFT = Patience(backoff_seconds=0.0)


def failing(times: int, calls: list[int]) -> Callable[[], str]:
    """A call that fails so often and then answers; notes each attempt in `calls`."""

    def attempt() -> str:
        calls.append(len(calls) + 1)
        if len(calls) <= times:
            raise TransientError(f"failure {len(calls)}")
        return "answer"

    return attempt


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_a_call_that_recovers_within_two_retries_is_answered(failures: int) -> None:
    calls: list[int] = []

    answer = persist(failing(failures, calls), SWIFT, RetryBudget())

    assert (answer, len(calls)) == ("answer", failures + 1)


def test_a_call_that_fails_three_times_is_unavailable_for_its_last_reason() -> None:
    calls: list[int] = []

    with pytest.raises(UnavailableError, match="failure 3"):
        persist(failing(9, calls), SWIFT, RetryBudget())

    assert len(calls) == 3


def test_no_attempt_begins_after_the_total_time() -> None:
    calls: list[int] = []

    with pytest.raises(UnavailableError, match="failure 1"):
        persist(failing(9, calls), Patience(total_seconds=-1.0), RetryBudget())

    assert len(calls) == 1


def test_an_error_that_is_not_transient_is_not_tried_again() -> None:
    calls: list[int] = []

    def attempt() -> str:
        calls.append(1)
        raise KeyError("bug")

    with pytest.raises(KeyError):
        persist(attempt, SWIFT, RetryBudget())
    assert len(calls) == 1


def test_a_dead_service_is_sent_at_most_a_tenth_more_than_was_asked() -> None:
    # GIVEN a service that never answers
    calls: list[int] = []
    attempt, budget = failing(10_000, calls), RetryBudget()

    # WHEN it is asked 1,000 times
    for _ in range(1000):
        with pytest.raises(UnavailableError):
            persist(attempt, SWIFT, budget)

    # THEN it was sent only the ten retries of a full budget more
    assert len(calls) == 1010


def test_answers_earn_retries_back_up_to_the_capacity() -> None:
    # GIVEN an empty budget
    budget = RetryBudget()
    while budget.spend():
        pass

    # WHEN 200 calls are answered
    for _ in range(200):
        budget.earn()

    # THEN ten retries may be sent, not twenty
    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]
