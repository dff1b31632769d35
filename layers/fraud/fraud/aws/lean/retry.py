"""When to try again, how long to wait, and when to stop trying."""

import random
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from msgspec import Struct

from fraud.errors import UnavailableError

T = TypeVar("T")


class Patience(Struct, frozen=True):
    """How long one call may take: each attempt's limits, and the number of attempts.

    No new attempt begins after `total_seconds`, so the longest call takes that and one attempt more.
    """

    connect_seconds: float = 1.0
    read_seconds: float = 2.0
    total_seconds: float = 5.0
    retries: int = 2
    backoff_seconds: float = 0.05
    backoff_limit_seconds: float = 0.5


class TransientError(Exception):
    """One attempt failed in a way the next may not: connection lost, throttled, the service's own error."""


class RetryBudget:
    """Stops retries from piling load on a service that is down.

    A retry costs one token, an answered call earns a tenth of one, and there are at most ten: however long a
    service is down, ten retries are sent; while it limps, at most one call in ten is a retry.
    """

    CAPACITY = 10.0
    EARNED_PER_ANSWER = 0.1

    def __init__(self) -> None:
        self._tokens = self.CAPACITY
        self._lock = Lock()

    def earn(self) -> None:
        """Note an answered call."""
        with self._lock:
            self._tokens = min(self.CAPACITY, self._tokens + self.EARNED_PER_ANSWER)

    def spend(self) -> bool:
        """Take the token of one retry; False when none is left."""
        with self._lock:
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


def persist(attempt: Callable[[], T], patience: Patience, budget: RetryBudget) -> T:
    """The first answer `attempt` gives, tried again after each TransientError.

    Waits between attempts with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter").
    Raises UnavailableError, caused by the last TransientError, when patience or budget has run out.
    """
    give_up_at = time.monotonic() + patience.total_seconds
    retries = 0
    while True:
        try:
            answer = attempt()
        except TransientError as exc:
            pause = _pause(patience, retries)
            if retries >= patience.retries or time.monotonic() + pause > give_up_at or not budget.spend():
                raise UnavailableError(str(exc)) from exc
            retries += 1
            time.sleep(pause)
        else:
            budget.earn()
            return answer


def _pause(patience: Patience, retries: int) -> float:
    longest = min(patience.backoff_limit_seconds, patience.backoff_seconds * 2**retries)
    return random.uniform(0, longest)  # noqa: S311 -- jitter, not a secret
