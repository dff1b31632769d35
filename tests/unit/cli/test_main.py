"""Usage, and the exit code of every way a command can end."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
COMMANDS = [
    "drop",
    "deployment",
    "deployments",
    "versions",
    "active",
    "activate",
    "rollback",
    "predict",
    "logs",
    "health",
]


def test_help_names_every_command_and_exit_code() -> None:
    shown = CliRunner().invoke(app, ["--help"])

    assert shown.exit_code == 0
    assert [name for name in (*COMMANDS, "card") if f" {name} " not in shown.output] == []
    assert "Exit codes: 0 done; 1 negative outcome" in " ".join(shown.output.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_json(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])

    assert shown.exit_code == 0
    assert "--json" in shown.output


@pytest.mark.parametrize(
    "arguments", [["activate"], ["drop", "x.joblib"], ["logs", "--limit", "0"], ["--region", "eu-west-1", "health"]]
)
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_no_outputs_file_exits_3_with_one_line(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["--outputs", str(tmp_path / "absent.json"), "health"])

    assert ran.exit_code == 3
    assert ran.stderr.count("\n") == 1
    assert ran.stdout == ""


def test_an_api_nobody_serves_exits_3(api: "ApiServer", fraudctl: Fraudctl, outputs: Path) -> None:
    outputs.write_text(outputs.read_text().replace(api.url, "http://127.0.0.1:1/v1"))

    ran = fraudctl("versions")

    assert ran.exit_code == 3
    assert "does not answer" in ran.stderr


def test_a_refusal_exits_4_with_the_words_of_the_api(fraudctl: Fraudctl) -> None:
    ran = fraudctl("versions")

    assert (ran.exit_code, ran.stdout) == (4, "")
    assert ran.stderr == "404 not_found: there is no such route\n"


def test_a_reply_that_lacks_a_field_exits_4_and_points_to_json(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/models/versions", {"versions": [{"version": "v1.0.0"}]})

    ran = fraudctl("versions")

    assert ran.exit_code == 4
    assert "KeyError('is_active'); --json prints it as it came" in ran.stderr
