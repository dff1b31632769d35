"""What can go wrong for an operator, and the exit code each becomes.

    CliError
    ├── InvalidInputError     2  a file or option that cannot be meant; nothing was sent
    ├── UnreachableError      3  the system, or the file saying where it is, was not found
    ├── RefusedError          4  the API or AWS answered with an error
    └── NoVerdictError        1  a drop got no verdict in time

Exit code 0 is success, 1 a negative outcome (drop rejected, no verdict in time, system unhealthy).
"""

from collections.abc import Sequence
from typing import Any

NEGATIVE = 1


class CliError(Exception):
    """Base: one line for the operator, one exit code for scripts."""

    exit_code = NEGATIVE


class NoVerdictError(CliError):
    """The drop is neither activated, held nor rejected yet."""


class InvalidInputError(CliError):
    """What was typed, or the file it names, is not usable."""

    exit_code = 2


class UnreachableError(CliError):
    """Nobody answers there."""

    exit_code = 3


class RefusedError(CliError):
    """An HTTP error; `details` are the envelope's offending fields."""

    exit_code = 4

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[dict[str, Any]] = (),
        request_id: str | None = None,
    ) -> None:
        fields = "".join(f"; {one.get('field')}: {one.get('problem')}" for one in details)
        request = f" [request {request_id}]" if request_id else ""
        super().__init__(f"{status} {code}: {message}{fields}{request}")
        self.status = status
        self.code = code

    @property
    def passing(self) -> bool:
        """Whether asking again later may help."""
        return self.status >= 500 or self.status == 429
