"""card: as Markdown on standard output, as an HTML page in a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import Result

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
ROUTE = "/models/versions/v1.0.0/card"


def test_a_card_is_printed_as_it_came(api: "ApiServer", fraudctl: Fraudctl) -> None:
    # GIVEN a card with letters beyond ASCII and what could be taken for markup of the terminal's
    text = "# Model card v1.0.0\n\n| F1 | 0.9 ± 0.01 | [bold]no[/bold] |\n"
    api.answers("GET", ROUTE, text.encode())

    # WHEN
    ran = fraudctl("card", "v1.0.0")

    # THEN
    assert (ran.exit_code, ran.stdout) == (0, text)
    assert api.asked == [("GET", ROUTE, {"format": "markdown"}, "admin-key", None)]


def test_a_card_is_written_as_a_page(api: "ApiServer", fraudctl: Fraudctl, tmp_path: Path) -> None:
    api.answers("GET", ROUTE, "<!DOCTYPE html>\n<p>±</p>".encode())

    ran = fraudctl("card", "v1.0.0", "--html", str(tmp_path / "card.html"))

    assert (ran.exit_code, ran.stdout) == (0, f"wrote {tmp_path / 'card.html'}\n")
    assert (tmp_path / "card.html").read_text(encoding="utf-8") == "<!DOCTYPE html>\n<p>±</p>"
    assert api.asked[0].query == {"format": "html"}


def test_a_file_that_cannot_be_written_exits_2(api: "ApiServer", fraudctl: Fraudctl, tmp_path: Path) -> None:
    api.answers("GET", ROUTE, b"<p/>")

    ran = fraudctl("card", "v1.0.0", "--html", str(tmp_path / "absent" / "card.html"))

    assert ran.exit_code == 2
    assert "cannot be written: No such file or directory" in ran.stderr


def test_an_unknown_version_exits_4_and_writes_nothing(api: "ApiServer", fraudctl: Fraudctl, tmp_path: Path) -> None:
    error = {"code": "version_not_found", "message": "model version v1.0.0 is not registered"}
    api.answers("GET", ROUTE, {"error": error}, status=404)

    ran = fraudctl("card", "v1.0.0", "--html", str(tmp_path / "card.html"))

    assert ran.exit_code == 4
    assert ran.stderr == "404 version_not_found: model version v1.0.0 is not registered\n"
    assert not (tmp_path / "card.html").exists()


def test_a_version_cannot_lead_to_another_path(api: "ApiServer", fraudctl: Fraudctl) -> None:
    fraudctl("card", "../active?x")

    assert api.asked[0].path == "/models/versions/..%2Factive%3Fx/card"
