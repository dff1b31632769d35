"""Watching one drop until the system has a verdict on it."""

import time
from collections.abc import Iterator
from typing import Any

from cli.api import Api
from cli.errors import CliError, NoVerdictError, RefusedError, UnreachableError
from fraud.versions.deployment import FINAL_STATES


def follow(
    api: Api, version: str, sha256: str, *, timeout_seconds: float, interval_seconds: float
) -> Iterator[dict[str, Any]]:
    """Each look at the deployment of these bytes under this version; ends after the one in a final state.

    An API that is away for a moment is asked again. Raises NoVerdictError, or what the API said last, when the
    time is over, and RefusedError at once when it refuses the question.
    """
    give_up_at = time.monotonic() + timeout_seconds
    while True:
        found, trouble = _look(api, version, sha256)
        if found:
            yield found
            if found["state"] in FINAL_STATES:
                return
        if time.monotonic() > give_up_at:
            words = f"no verdict on {version} within {timeout_seconds:g} s; see `fraudctl deployments`"
            raise trouble or NoVerdictError(words)
        time.sleep(interval_seconds)


def _look(api: Api, version: str, sha256: str) -> tuple[dict[str, Any] | None, CliError | None]:
    """The newest deployment of these bytes, None while the system has not seen them; or what keeps us from it."""
    try:
        listed = api.get("/deployments", {"version": version}).body["deployments"]
    except UnreachableError as exc:
        return None, exc
    except RefusedError as exc:
        if not exc.passing:
            raise
        return None, exc
    return next((one for one in listed if one.get("drop_sha256") == sha256), None), None
