"""versions, active, activate, rollback."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typer.testing import Result

if TYPE_CHECKING:
    import pytest

    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]


def version(name: str, **more: object) -> dict[str, Any]:
    told = {"version": name, "status": "READY", "is_active": False, "created_at": "2026-01-02T03:04:05Z"}
    return {**told, "family": "random_forest", "description": "[b]deep[/b]", "metrics": None, **more}


def test_versions_are_listed_with_the_active_one_marked(api: "ApiServer", fraudctl: Fraudctl) -> None:
    # GIVEN two versions, one active and measured
    measured = {"f1": 0.91234, "bounds": {"f1": [0.88, 0.94]}}
    listed = [version("v1.1.0", is_active=True, metrics=measured), version("v1.0.0", status="CONDEMNED")]
    api.answers("GET", "/models/versions", {"versions": listed, "active_version": "v1.1.0", "total_versions": 2})

    # WHEN they are listed
    ran = fraudctl("versions")

    # THEN every fact is there, and a description is text, not markup
    lines = [line.split() for line in ran.stdout.splitlines()]
    at = "2026-01-02T03:04:05Z"
    assert lines[1] == ["●", "v1.1.0", "READY", "random_forest", "0.9123", "[0.8800,", "0.9400]", at, "[b]deep[/b]"]
    assert lines[2] == ["v1.0.0", "CONDEMNED", "random_forest", "not", "measured", at, "[b]deep[/b]"]
    assert lines[3] == ["2", "versions,", "active:", "v1.1.0"]
    assert api.asked[0].key == "admin-key"


def test_json_is_the_reply_as_it_came(api: "ApiServer", fraudctl: Fraudctl) -> None:
    raw = b'{"versions": [],  "active_version": null, "total_versions": 0, "new_field": "\xc3\xbc"}'
    api.answers("GET", "/models/versions", raw)

    ran = fraudctl("versions", "--json")

    assert ran.stdout == raw.decode() + "\n"


def test_the_active_version_at_a_moment_is_asked_for(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/models/active", {"version": "v1.0.0", "revision": 3, "since": "2026-01-02T03:04:05Z"})

    ran = fraudctl("active", "--at", "2026-01-03T00:00:00+01:00")

    assert ran.stdout == "v1.0.0, revision 3, since 2026-01-02T03:04:05Z\n"
    assert api.asked[0].query == {"at": "2026-01-03T00:00:00+01:00"}


def test_an_activation_carries_its_reason(api: "ApiServer", fraudctl: Fraudctl) -> None:
    answer = {"previous_version": "v1.0.0", "new_version": "v1.1.0", "revision": 4}
    api.answers("POST", "/models/activate/v1.1.0", answer)

    ran = fraudctl("activate", "v1.1.0", "--reason", "better recall")

    assert ran.stdout == "v1.0.0 → v1.1.0, revision 4\n"
    assert api.asked == [("POST", "/models/activate/v1.1.0", {}, "admin-key", {"reason": "better recall"})]


def test_the_first_activation_replaces_nothing(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("POST", "/models/activate/v1.0.0", {"previous_version": None, "new_version": "v1.0.0", "revision": 1})

    assert fraudctl("activate", "v1.0.0").stdout == "nothing → v1.0.0, revision 1\n"
    assert api.asked[0].body == {}


def test_a_version_cannot_lead_to_another_path(api: "ApiServer", fraudctl: Fraudctl) -> None:
    ran = fraudctl("activate", "../rollback?x")

    assert ran.exit_code == 4
    assert api.asked[0].path == "/models/activate/..%2Frollback%3Fx"


def test_a_rollback_says_where_it_led(api: "ApiServer", fraudctl: Fraudctl) -> None:
    answer = {"previous_version": "v1.1.0", "current_version": "v1.0.0", "revision": 5}
    api.answers("POST", "/models/rollback", answer)

    ran = fraudctl("rollback", "--reason", "false alarms", "--json")

    assert json.loads(ran.stdout) == answer
    assert api.asked[0].body == {"reason": "false alarms"}


def test_a_conflict_exits_4_with_its_code(api: "ApiServer", fraudctl: Fraudctl) -> None:
    error = {"code": "no_rollback_target", "message": "nothing served before", "details": [], "request_id": "r-9"}
    api.answers("POST", "/models/rollback", {"error": error}, status=409)

    ran = fraudctl("rollback")

    assert (ran.exit_code, ran.stdout) == (4, "")
    assert ran.stderr == "409 no_rollback_target: nothing served before [request r-9]\n"


def test_an_approval_is_given_with_a_key_of_ones_own(
    api: "ApiServer", fraudctl: Fraudctl, monkeypatch: "pytest.MonkeyPatch"
) -> None:
    # GIVEN somebody with their own key
    monkeypatch.setenv("FRAUDCTL_API_KEY", "bobs-key")
    api.answers("POST", "/models/versions/v1.1.0/approve", {"version": "v1.1.0", "approvals": [{"by": "bob"}]})

    # WHEN they approve / THEN it is they who do
    assert fraudctl("approve", "v1.1.0", "--reason", "card read").stdout == "v1.1.0 approved by bob\n"
    assert api.asked == [("POST", "/models/versions/v1.1.0/approve", {}, "bobs-key", {"reason": "card read"})]


def test_what_one_deployed_one_cannot_approve(api: "ApiServer", fraudctl: Fraudctl) -> None:
    error = {"code": "self_approval", "message": "v1.1.0 was deployed by admin", "details": [], "request_id": "r-1"}
    api.answers("POST", "/models/versions/v1.1.0/approve", {"error": error}, status=403)
    ran = fraudctl("approve", "v1.1.0")
    assert (ran.exit_code, ran.stderr) == (4, "403 self_approval: v1.1.0 was deployed by admin [request r-1]\n")
