"""What can go wrong while the laptop cloud starts."""

from pathlib import Path


class LocalError(Exception):
    """The laptop cloud cannot do what was asked; the text is the one line an operator reads."""


class StepFailedError(LocalError):
    """A step ended badly: names it, the reason where one is known, and the log that tells more."""

    def __init__(self, step: str, log: Path, reason: str = "") -> None:
        super().__init__(f"{step} failed{': ' + reason if reason else ''} (see {log})")


class ApiError(LocalError):
    """The deployed API refused what was asked, or the dropped model."""


class BusyError(ApiError):
    """The deployed API could not answer just now; asking again may help."""
