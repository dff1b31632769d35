"""A card as GitHub-flavoured Markdown. Every text is escaped: nothing in it can become markup, a link or HTML.

CommonMark: any ASCII punctuation may be escaped by a backslash (https://spec.commonmark.org/0.31.2/#backslash-escapes).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fraud.versions.card import content
from fraud.versions.card.parts import Grid, Part, Picture, Words
from fraud.versions.card.text import one_line

# an underscore inside a word marks nothing up, so names of columns and files stay readable
_MARKUP = re.compile(r"[\\`*\[\]<>&|~$!#]|(?<![^\W_])_|_(?![^\W_])")
_ADDRESS = re.compile(r"(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)  # GitHub turns bare addresses into links


def document(view: Mapping[str, Any]) -> str:
    """The card of a version's view; msgspec.ValidationError when it is no view."""
    facts = content.read(view)
    blocks = [f"# {escaped(content.title(facts))}"]
    for section in content.sections(facts):
        blocks += [f"## {escaped(section.heading)}", *(block for part in section.parts for block in _blocks(part))]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """The text on one line, standing for itself anywhere but at the start of a line."""
    return _ADDRESS.sub(r"\\\g<0>", _MARKUP.sub(r"\\\g<0>", one_line(text)))


def _blocks(part: Part) -> Iterator[str]:
    """A picture becomes the table of its numbers."""
    if isinstance(part, Words):
        texts = [escaped(sentence) for sentence in part.sentences]
        yield "\n".join(f"- {text}" for text in texts) if part.listed else " ".join(texts)
    else:
        yield _table(part.behind if isinstance(part, Picture) else part)


def _table(grid: Grid) -> str:
    rules = ["---:" if place in grid.numbers else "---" for place in range(len(grid.headers))]
    rows = [
        [f"**{escaped(cell)}**" if index in grid.flagged and cell else escaped(cell) for cell in row]
        for index, row in enumerate(grid.rows)
    ]
    lines = [[escaped(header) for header in grid.headers], rules, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
