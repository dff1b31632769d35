"""The card as a page: well-formed, self-contained, and saying all that the Markdown says."""

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from fraud.versions.card import Format, content, render
from fraud.versions.card.html import page
from fraud.versions.card.parts import Grid, Picture, Words
from fraud.versions.card.text import one_line
from tests.unit.versions.card.test_markdown import NASTY
from tests.unit.versions.card.views import bare, hostile, view

SVG = "{http://www.w3.org/2000/svg}"
LOADING = {"script", "link", "img", "iframe", "object", "embed", "a", "form", "base", "use", "image"}
VOID = {"meta", "line", "circle", "rect", "polyline"}


def parsed(text: str) -> ElementTree.Element:
    """The page as XML, which its own text allows."""
    return ElementTree.fromstring(text)  # noqa: S314 -- our own page


def texts(root: ElementTree.Element, *names: str) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter() if one.tag in names]


class Balanced(HTMLParser):
    """An HTML parser that sees every element closed in order, and no comment."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("shown", [view(), bare(), hostile(NASTY)], ids=["full", "bare", "hostile"])
def test_the_page_is_well_formed_as_xml_and_as_html(shown: dict[str, object]) -> None:
    text = page(shown)

    assert parsed(text).tag == "html"
    reader = Balanced()
    reader.feed(text)
    reader.close()
    assert reader.open == []


@pytest.mark.parametrize("shown", [view(), hostile(NASTY)], ids=["full", "hostile"])
def test_the_page_runs_nothing_and_fetches_nothing(shown: dict[str, object]) -> None:
    root = parsed(page(shown))

    for one in root.iter():
        assert one.tag.removeprefix(SVG) not in LOADING
        assert not [name for name in one.attrib if name.startswith("on") or name in ("href", "src", "style")]
    policy = root.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.attrib["content"].startswith("default-src 'none'")
    [style] = texts(root, "style")
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("shown", [view(), bare(), hostile(NASTY)], ids=["full", "bare", "hostile"])
def test_every_text_and_number_of_the_card_is_on_the_page(shown: dict[str, object]) -> None:
    # GIVEN the card's content
    facts = content.read(shown)
    parts = [part for section in content.sections(facts) for part in section.parts]
    grids = [part.behind if isinstance(part, Picture) else part for part in parts if not isinstance(part, Words)]

    # WHEN
    root = parsed(page(shown))

    # THEN each table stands there cell by cell, and each sentence
    cells = [cell for grid in grids for line in _lines(grid) for cell in line]
    assert texts(root, "td", "th") == [one_line(cell) for cell in cells]
    told = " ".join(texts(root, "p", "li"))
    for words in parts:
        for sentence in words.sentences if isinstance(words, Words) else ():
            assert one_line(sentence) in told


def _lines(grid: Grid) -> list[tuple[str, ...]]:
    return [*([grid.headers] if any(grid.headers) else []), *grid.rows]


def test_a_claim_that_is_not_borne_out_is_marked() -> None:
    flagged = parsed(page(view())).findall(".//tr[@class='flagged']")

    assert ["".join(one.itertext()) for one in flagged] == [
        "F10.83330.7433 to 0.90330.9700claim not borne out: measured 0.1367 below it"
    ]


def test_the_three_charts_have_titles_and_named_axes() -> None:
    root = parsed(page(view()))

    told = [[one.text for one in svg.findall(f"{SVG}text")] for svg in root.iter(f"{SVG}svg")]
    assert [words[0] for words in told] == [
        "Precision and recall, average precision 0.9011",
        "Calibration, error 0.000770",
        "Scores of 2,000 rows",
    ]
    assert [words[-2:] for words in told] == [
        ["Recall: share of fraud found", "Precision: share of alerts that are fraud"],
        ["Probability told (mean of a bin)", "Share of fraud seen"],
        ["Score: told probability of fraud", "Rows, logarithmic"],
    ]


def test_an_unmeasured_version_has_no_charts() -> None:
    assert not list(parsed(page(bare())).iter(f"{SVG}svg"))


@pytest.mark.parametrize(
    ("wanted", "accept", "kind"),
    [
        (None, "", "markdown"),
        (None, "*/*", "markdown"),
        (None, "application/json", "markdown"),
        (None, "text/html,application/xhtml+xml,*/*;q=0.8", "html"),
        (None, "text/markdown, text/html;q=0.5", "markdown"),
        ("markdown", "text/html", "markdown"),
        ("html", "text/markdown", "html"),
    ],
)
def test_the_wanted_format_wins_then_the_accept_header(wanted: Format | None, accept: str, kind: str) -> None:
    content_type, text = render(view(), wanted, accept)

    assert content_type == f"text/{kind}; charset=utf-8"
    assert text.startswith("<!DOCTYPE html>" if kind == "html" else "# Model card")
