"""A card as one HTML page: no script, nothing fetched, readable in light and dark. Every text is escaped.

It is well-formed XML too, so that a parser can check it; its policy forbids the browser to load anything.
"""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fraud.versions.card import content
from fraud.versions.card.charts import CHARTS
from fraud.versions.card.parts import Grid, Part, Picture, Section, Words
from fraud.versions.card.style import STYLE
from fraud.versions.card.text import one_line
from fraud.versions.measurements import Evaluation

_HEAD = (
    '<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>'
    '<meta name="color-scheme" content="light dark"/>'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
)


def page(view: Mapping[str, Any]) -> str:
    """The card of a version's view; msgspec.ValidationError when it is no view."""
    facts = content.read(view)
    title = escaped(content.title(facts))
    body = "".join(_section(section, facts.evaluation) for section in content.sections(facts))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{_HEAD}<title>{title}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{body}</main></body></html>\n"
    )


def escaped(text: str) -> str:
    """The text on one line, standing for itself in content and in attributes."""
    return escape(one_line(text))


def _section(section: Section, measured: Evaluation | None) -> str:
    parts = "".join(block for part in section.parts for block in _blocks(part, measured))
    return f"<section><h2>{escaped(section.heading)}</h2>{parts}</section>"


def _blocks(part: Part, measured: Evaluation | None) -> Iterator[str]:
    if isinstance(part, Words):
        yield _words(part)
    elif isinstance(part, Grid):
        yield _table(part)
    elif measured:
        yield from _picture(part, measured)


def _words(words: Words) -> str:
    texts = [escaped(sentence) for sentence in words.sentences]
    if words.listed:
        return f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>"
    return f"<p>{' '.join(texts)}</p>"


def _picture(picture: Picture, measured: Evaluation) -> Iterator[str]:
    yield f"<figure>{CHARTS[picture.name](measured)}</figure>"
    yield f"<details><summary>The numbers of the chart</summary>{_table(picture.behind)}</details>"


def _table(grid: Grid) -> str:
    named = any(grid.headers)
    heads = "".join(
        f'<th scope="col"{_kind(place, grid)}>{escaped(header)}</th>' for place, header in enumerate(grid.headers)
    )
    rows = "".join(_row(row, grid, flagged=index in grid.flagged) for index, row in enumerate(grid.rows))
    head = f"<thead><tr>{heads}</tr></thead>" if named else ""
    return f'<div class="wide"><table>{head}<tbody>{rows}</tbody></table></div>'


def _row(row: tuple[str, ...], grid: Grid, *, flagged: bool) -> str:
    cells = "".join(
        f'<th scope="row">{escaped(cell)}</th>'
        if place == 0 and 0 not in grid.numbers
        else f"<td{_kind(place, grid)}>{escaped(cell)}</td>"
        for place, cell in enumerate(row)
    )
    return f'<tr class="flagged">{cells}</tr>' if flagged else f"<tr>{cells}</tr>"


def _kind(place: int, grid: Grid) -> str:
    return ' class="number"' if place in grid.numbers else ""
