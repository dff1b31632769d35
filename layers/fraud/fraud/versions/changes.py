"""What every change of routing shares: its cause, its result, and trying again when somebody else was first."""

import random
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

import msgspec

from fraud.clock import now, rfc3339
from fraud.errors import BesideInProgressError, ChangedMeanwhileError
from fraud.traffic.routing import EXPERIMENT, Cause, Routing

ATTEMPTS = 10
Result = TypeVar("Result")


class Change(msgspec.Struct, frozen=True):
    """What a change of routing did: the version that served before and the revision that serves now."""

    previous: str | None
    current: str
    revision: int


def cause(by: str, why: str, evidence: str = "") -> Cause:
    """A cause of this moment, with an id of its own."""
    return Cause(rfc3339(now()), by, why, uuid.uuid4().hex, evidence)


def settle(attempt: Callable[[], Result]) -> Result:
    """Try again when somebody else moved the record first: the request still means what it meant."""
    for number in range(ATTEMPTS - 1):
        try:
            return attempt()
        except ChangedMeanwhileError:
            time.sleep(random.uniform(0, 0.01 * 2 ** min(number, 6)))  # noqa: S311 -- jitter, not a secret
    return attempt()


def refuse_second(current: Routing | None) -> None:
    """Raise the BesideInProgressError that names what is already beside the active version."""
    split = current.split if current else None
    if split and split.strategy == EXPERIMENT:
        words = f"experiment {split.of} runs with {split.candidate}: stop it first"
        raise BesideInProgressError(words, code="experiment_in_progress")
    if split:
        words = f"a {split.strategy} of {split.candidate} is in progress ({split.of}): abort it first"
        raise BesideInProgressError(words)
