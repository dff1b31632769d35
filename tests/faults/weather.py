"""What goes wrong, drawn from one seed: faults in front of single calls, and services that are down for a while."""

import random
from collections import Counter

THROTTLED, FAILED, UNSENT, LOST, SLOW, TRUNCATED = "throttle", "500", "timeout", "lost reply", "slow", "truncated body"
CONFLICT, KILLED_BEFORE, KILLED_AFTER = "TransactionConflict", "kill before", "kill after"
PASSING = (THROTTLED, FAILED, UNSENT, LOST, SLOW, TRUNCATED)
SHARES = (0.0, 0.02, 0.05, 0.1, 0.25)
SERVICES = ("dynamodb", "s3", "sqs", "sns", "events", "secretsmanager", "lambda")
KILLING = 0.01
SLOW_SECONDS = 4.0


class Killed(BaseException):
    """The function ends here, whatever it would have caught."""


class Weather:
    """The fate of every call of a history."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.injected: Counter[str] = Counter()
        self.share, self.down, self.calm = dice.choice(SHARES), frozenset[str](), False

    def turn(self) -> None:
        """Before each operation the weather may change: a service goes down, or all is well again."""
        if self._dice.random() < 0.15:
            self.down = frozenset(self._dice.choices(SERVICES, [5, 4, 1, 1, 1, 1, 1], k=self._dice.choice([1, 1, 2])))
        elif self._dice.random() < 0.5:
            self.down = frozenset()

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.calm, self.down = True, frozenset()

    def fate(self, service: str, operation: str) -> str:
        """What becomes of one call; empty when nothing happens to it."""
        fate = "" if self.calm else self._drawn(service, operation)
        if fate:
            self.injected[fate] += 1
        return fate

    def _drawn(self, service: str, operation: str) -> str:
        if service in self.down:
            return self._dice.choice([THROTTLED, FAILED, UNSENT])
        if self._dice.random() >= self.share:
            return ""
        if self._dice.random() < KILLING / 0.1:
            return self._dice.choice([KILLED_BEFORE, KILLED_AFTER])
        return self._dice.choice([*PASSING, *([CONFLICT] * 4 if operation == "TransactWriteItems" else [])])
