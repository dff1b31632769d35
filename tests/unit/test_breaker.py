"""The circuit breaker in front of optional dependencies."""

import pytest

from fraud.breaker import Breaker
from fraud.errors import UnavailableError


class Dependency:
    """Fails while it is `away`; counts how often it was asked."""

    def __init__(self) -> None:
        self.away, self.asked, self.now = True, 0, 0.0
        self.breaker = Breaker("receiver", monotonic=lambda: self.now)

    def ask(self) -> str:
        """Through the breaker."""
        return self.breaker.call(self._answer)

    def _answer(self) -> str:
        self.asked += 1
        if self.away:
            raise OSError("no route")
        return "here"

    def fails(self, times: int, kind: type[Exception] = OSError) -> None:
        """Ask so often, and expect it."""
        for _ in range(times):
            with pytest.raises(kind):
                self.ask()


@pytest.fixture
def dependency() -> Dependency:
    return Dependency()


def test_a_dependency_that_failed_three_times_is_not_asked_for_thirty_seconds(dependency: Dependency) -> None:
    dependency.fails(3)

    dependency.now = 29.9
    dependency.fails(5, UnavailableError)

    assert dependency.asked == 3


def test_failures_with_a_success_between_them_open_nothing(dependency: Dependency) -> None:
    for _ in range(4):
        dependency.away = True
        dependency.fails(2)
        dependency.away = False
        assert dependency.ask() == "here"

    assert dependency.asked == 12


def test_after_thirty_seconds_one_success_closes_it(dependency: Dependency) -> None:
    dependency.fails(3)
    dependency.now, dependency.away = 30.0, False

    assert [dependency.ask() for _ in range(3)] == ["here"] * 3

    dependency.away = True
    dependency.fails(3)  # it takes three again
    dependency.fails(1, UnavailableError)


def test_after_thirty_seconds_one_failure_opens_it_again(dependency: Dependency) -> None:
    dependency.fails(3)
    dependency.now = 30.0
    dependency.fails(1)

    dependency.now = 59.9
    dependency.fails(2, UnavailableError)

    assert dependency.asked == 4


def test_while_one_call_tries_nobody_else_does(dependency: Dependency) -> None:
    # GIVEN a breaker that may be tried again
    dependency.fails(3)
    dependency.now = 30.0

    # WHEN somebody asks while the first call is under way
    def meanwhile() -> str:
        dependency.fails(1, UnavailableError)
        return "here"

    # THEN that one is refused, and the first is answered
    assert dependency.breaker.call(meanwhile) == "here"
    assert dependency.asked == 3
