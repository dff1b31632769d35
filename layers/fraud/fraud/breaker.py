"""A circuit breaker for optional dependencies: what one can do without, but whose silence would be waited for.

Never in front of the tables and buckets of the main path: those are tried on every request, within the clients' own
patience.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from fraud.errors import UnavailableError
from fraud.observability import log

T = TypeVar("T")
FAILURES = 3
OPEN_SECONDS = 30.0


class Breaker:
    """One dependency as one warm instance knows it.

    Closed until 3 calls in a row have failed. Then open: for 30 s every call fails at once, with nothing sent. Then
    half-open: the next call is tried, alone; its success closes the breaker, its failure opens it for another 30 s.
    (M. Nygard, Release It!, 2nd ed., 2018, ch. 5.)
    """

    def __init__(self, dependency: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._dependency, self._monotonic = dependency, monotonic
        self._failed, self._open_until = 0, float("-inf")

    def call(self, work: Callable[[], T]) -> T:
        """What `work` gives; raises what it raises, and UnavailableError, without trying, while open."""
        if self._monotonic() < self._open_until:
            raise UnavailableError(f"{self._dependency} failed {self._failed} times in a row: it is not asked now")
        if self._failed >= FAILURES:
            self._open()  # to all others, while this call tries
        try:
            answer = work()
        except Exception:
            self._failed += 1
            if self._failed >= FAILURES:
                self._open()
                log("breaker_open", level="ERROR", dependency=self._dependency, failures=self._failed)
            raise
        self._failed, self._open_until = 0, float("-inf")
        return answer

    def _open(self) -> None:
        self._open_until = self._monotonic() + OPEN_SECONDS
