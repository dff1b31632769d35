"""Following a drop through slow, flaky and final answers."""

from typing import TYPE_CHECKING, Any

import pytest

from cli.api import Api
from cli.errors import NoVerdictError, RefusedError, UnreachableError
from cli.follow import follow

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer


def deployment(state: str, sha256: str = "mine") -> dict[str, Any]:
    return {"deployment_id": f"dep-{sha256}", "version": "v1.0.0", "state": state, "drop_sha256": sha256, "steps": []}


def listed(*found: dict[str, Any]) -> dict[str, Any]:
    return {"deployments": list(found)}


def states(api: "ApiServer", timeout_seconds: float = 5.0) -> list[str]:
    looks = follow(Api(api.url, "k"), "v1.0.0", "mine", timeout_seconds=timeout_seconds, interval_seconds=0.01)
    return [one["state"] for one in looks]


@pytest.mark.parametrize("final", ["activated", "held", "rejected"])
def test_looks_end_with_the_final_state(api: "ApiServer", final: str) -> None:
    api.answers("GET", "/deployments", listed(), listed(deployment("packed")), listed(deployment(final)))

    assert states(api) == ["packed", final]
    assert {asked.query["version"] for asked in api.asked} == {"v1.0.0"}


def test_another_drop_under_the_same_version_is_not_ours(api: "ApiServer") -> None:
    theirs = deployment("activated", sha256="theirs")
    api.answers("GET", "/deployments", listed(theirs), listed(deployment("rejected"), theirs))

    assert states(api) == ["rejected"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_api_that_is_away_for_a_moment_is_asked_again(api: "ApiServer", status: int) -> None:
    api.answers("GET", "/deployments", b"", status=status)
    api.answers("GET", "/deployments", listed(deployment("activated")))

    assert states(api) == ["activated"]


def test_a_refused_question_ends_the_wait_at_once(api: "ApiServer") -> None:
    api.answers("GET", "/deployments", {"message": "Forbidden"}, status=403)

    with pytest.raises(RefusedError, match="Forbidden"):
        states(api)

    assert len(api.asked) == 1


def test_no_verdict_in_time_is_said(api: "ApiServer") -> None:
    api.answers("GET", "/deployments", listed(deployment("packed")))

    with pytest.raises(NoVerdictError, match=r"no verdict on v1\.0\.0 within 0\.05 s"):
        states(api, timeout_seconds=0.05)


def test_a_trouble_that_has_passed_is_not_blamed_for_the_missing_verdict(api: "ApiServer") -> None:
    api.answers("GET", "/deployments", b"", status=503)
    api.answers("GET", "/deployments", listed(deployment("packed")))

    with pytest.raises(NoVerdictError):
        states(api, timeout_seconds=0.1)


def test_an_api_that_stays_away_is_unreachable() -> None:
    looks = follow(Api("http://127.0.0.1:1/v1", "k"), "v1.0.0", "mine", timeout_seconds=0.05, interval_seconds=0.01)

    with pytest.raises(UnreachableError):
        list(looks)
