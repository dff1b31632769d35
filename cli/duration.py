"""Spans of time as operators write them: `90d`, `12h`, `30m`, `45s`."""

import re

from cli.errors import InvalidInputError

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def seconds(text: str) -> int:
    """The seconds in a span; raises InvalidInputError for anything else."""
    match = re.fullmatch(r"(\d{1,6})([dhms])", text)
    if not match:
        raise InvalidInputError(f"{text!r} is not a span of time such as 90d, 12h or 30m")
    return int(match[1]) * _UNITS[match[2]]
