"""A version's model card."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from cli.errors import InvalidInputError
from cli.options import target
from cli.render import out


def card(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="Any registered version.")],
    html: Annotated[Path | None, typer.Option(help="Write one HTML page with charts to this file instead.")] = None,
) -> None:
    """Print a version's model card as Markdown, or write it as an HTML page."""
    path = f"/models/versions/{quote(version, safe='')}/card"
    text = target(context).control.text(path, {"format": "html" if html else "markdown"})
    if html is None:
        typer.echo(text, nl=False)
        return
    _write(html, text)
    out().print(f"wrote {html}", soft_wrap=True)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise InvalidInputError(f"{file} cannot be written: {exc.strerror}") from exc
