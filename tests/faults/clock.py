"""Time in a history: it passes when something waits, and every function's instance has its own idea of it."""

import time
from datetime import UTC, datetime, tzinfo
from typing import Any

BEGIN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """Stands for the `time` module; `skew` is by how many seconds the instance that runs now is wrong."""

    perf_counter = staticmethod(time.perf_counter)

    def __init__(self) -> None:
        self.passed, self.skew = 0.0, 0.0

    def monotonic(self) -> float:
        """Seconds since the history began."""
        return self.passed

    def time(self) -> float:
        """Seconds since 1970 as the present instance believes."""
        return BEGIN.timestamp() + self.passed + self.skew

    def time_ns(self) -> int:
        """The same in nanoseconds."""
        return int(self.time() * 1e9)

    def sleep(self, seconds: float) -> None:
        """Nobody really waits."""
        self.passed += seconds

    def kind(self) -> Any:
        """Stands for `datetime`."""
        clock = self

        class Skewed(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.fromtimestamp(clock.time(), tz)

        return Skewed
