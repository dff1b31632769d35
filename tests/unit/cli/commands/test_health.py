"""health: the checks, and an exit code a script can use."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from typer.testing import Result

from fraud.watch.health import Check, Report

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]


def report(status: str, check: str) -> dict[str, Any]:
    checks = [Check("registry_table", "pass", "answers", 1.5), Check("model_bucket", check, "slow today", 900.0)]
    told: dict[str, Any] = msgspec.to_builtins(Report(status, "v1.0.0", checks, "2026-01-02T03:04:05Z"))
    return told


@pytest.mark.parametrize(
    ("status", "check", "http_status", "exit_code"),
    [("healthy", "pass", 200, 0), ("degraded", "warn", 200, 0), ("unhealthy", "fail", 503, 1)],
)
def test_the_state_decides_the_exit_code(
    api: "ApiServer", fraudctl: Fraudctl, status: str, check: str, http_status: int, exit_code: int
) -> None:
    api.answers("GET", "/health", report(status, check), status=http_status)

    ran = fraudctl("health")

    lines = [line.split() for line in ran.stdout.splitlines()]
    assert ran.exit_code == exit_code
    assert lines[0] == [f"{status},", "active", "version:", "v1.0.0"]
    assert lines[2:] == [
        ["registry_table", "pass", "1.5", "answers"],
        ["model_bucket", check, "900.0", "slow", "today"],
    ]


def test_json_keeps_the_exit_code(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/health", report("unhealthy", "fail"), status=503)

    ran = fraudctl("health", "--json")

    assert ran.exit_code == 1
    assert msgspec.json.decode(ran.stdout) == report("unhealthy", "fail")


def test_a_gateway_that_has_no_function_to_ask_is_an_error_not_a_report(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/health", {"message": "Service Unavailable"}, status=503)

    assert fraudctl("health").exit_code == 4
