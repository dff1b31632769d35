"""The card as Markdown: every number, and nothing a text could turn into markup."""

import subprocess
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fraud.versions.card.markdown import document, escaped
from fraud.versions.card.text import one_line
from tests.unit.versions.card.views import bare, hostile, view

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:b) ![i](http://evil/i.png) | c | `code` "
    "**bold** _em_ ~~gone~~ &lt; https://evil.example www.evil.example <https://evil> \\| $x$ # h\n\n# heading\n- item"
    "\x1b[31m\u202e\x00"
)


class Tree(HTMLParser):
    """The names of all elements, and the text of each table cell."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.names.add(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


def section(text: str, heading: str) -> list[str]:
    """The lines of one section that are not empty."""
    _, _, body = text.partition(f"\n## {heading}\n")
    return [line for line in body.partition("\n## ")[0].splitlines() if line]


def test_the_card_begins_with_what_the_version_is() -> None:
    text = document(view())

    assert text.startswith("# Model card v1.1.0\n\n## Identity\n")
    assert section(text, "Identity")[2:] == [
        "| Version | v1.1.0 |",
        "| Status | READY, active |",
        "| Description | deeper trees |",
        "| Registered | 2026-01-02T03:04:05.678Z |",
        "| Model family | random_forest |",
        "| Columns | 2 |",
        f"| SHA-256 of the artefact | {'a1' * 32} |",
        f"| SHA-256 of the packed model | {'b2' * 32} |",
        f"| Packed model | models/v1.1.0/{'b2' * 32}.fpm, 123,456 bytes |",
    ]


def test_the_verdict_stands_in_words() -> None:
    assert section(document(view()), "Verdict") == [
        "Before the version was registered, the activation gate did not let the version go live by itself:",
        "- held: lower 95 % bound of F1 0.74 does not exceed 0.85",
    ]
    assert "gate let the version go live" in section(document(view(verdict=["F1 is fine"])), "Verdict")[0]


def test_every_metric_stands_with_its_bounds_beside_the_claim_and_a_broken_claim_is_flagged() -> None:
    lines = section(document(view()), "Measured performance")

    assert lines[0].startswith("Measured on 2,000 rows, 50 of them fraud (2.5 %)")
    assert "threshold 0.4200" in lines[0]
    assert "1,000 stratified bootstrap resamples" in lines[0]
    assert lines[1:] == [
        "| Metric | Measured | 95 % interval | Claimed | Remark |",
        "| --- | ---: | ---: | ---: | --- |",
        "| **F1** | **0.8333** | **0.7433 to 0.9033** | **0.9700** "
        "| **claim not borne out: measured 0.1367 below it** |",
        "| Precision | 0.8696 | 0.7796 to 0.9496 |  |  |",
        "| Recall | 0.8000 | 0.6801 to 0.9001 | 0.8000 |  |",
        "| Average precision | 0.9011 | 0.8111 to 0.9611 |  |  |",
        "| ROC-AUC | 0.9822 | 0.9722 to 0.9922 |  |  |",
        "| Precision at 100 | 0.4600 | 0.4102 to 0.4902 |  |  |",
        "| Brier score | 0.0055 | 0.0035 to 0.0075 |  |  |",
        "| Log loss | 0.0266 | 0.0166 to 0.0366 |  |  |",
        "| Calibration error | 0.000770 | 0.000330 to 0.0012 |  |  |",
        "| Accuracy | 0.9920 |  |  |  |",
        "Claimed, and not compared with anything measured here:",
        "| Claim | Value |",
        "| --- | --- |",
        "| lift | 9.5 |",
        "| note | excellent |",
    ]


def test_the_comparison_names_the_version_that_was_active() -> None:
    lines = section(document(view()), "Compared with the active version")

    assert lines[1:] == [
        "| Metric | This version | v1.0.0 | Difference | 95 % interval |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| F1 | 0.8333 | 0.8000 | +0.0333 | -0.0111 to +0.0777 |",
        "| Average precision | 0.9011 | 0.9055 | -0.0044 | -0.0222 to +0.0134 |",
    ]


def test_the_threshold_stands_with_its_confusion_matrix() -> None:
    lines = section(document(view()), "Decision threshold and confusion matrix")

    assert "probability of 0.4200 on; from 0.8500 on" in lines[0]
    assert "46 of 2,000 rows are flagged (2.3 %)" in lines[0]
    assert lines[1:] == [
        "|  | Flagged | Passed | Together |",
        "| --- | ---: | ---: | ---: |",
        "| Fraud | 40 | 10 | 50 |",
        "| Legitimate | 6 | 1,944 | 1,950 |",
        "| Together | 46 | 1,954 | 2,000 |",
    ]


def test_what_the_page_draws_stands_here_as_tables() -> None:
    text = document(view())

    assert "| 0.4200 | 0.8696 | 0.8000 |" in section(text, "Precision and recall at other thresholds")
    assert section(text, "Highest scores")[3:] == [
        "| 10 | 1.0000 | 10 |", "| 50 | 0.7800 | 39 |", "| 100 | 0.4600 | 46 |", "| 500 | 0.1000 | 50 |",
    ]  # fmt: skip
    assert section(text, "Calibration")[3:] == ["| 0.2345 | 0.2350 | 200 | 47 |", "| 0.0011 | 0.0000 | 1,800 | 0 |"]
    assert section(text, "Scores")[3:6] == [
        "| 0.00 to 0.05 | 1,900 | 3 |", "| 0.05 to 0.10 | 40 | 2 |", "| 0.10 to 0.15 | 8 | 1 |",
    ]  # fmt: skip


def test_latency_history_provenance_and_columns_are_told() -> None:
    text = document(view())

    assert section(text, "Latency")[3:] == ["| One row, median | 87.7 µs |", "| A thousand rows | 91.2 ms |"]
    assert section(text, "Activation history")[2:] == [
        "| 9 | replaced | 2026-01-04T00:00:00.000Z | deploy | better |",
        "| 8 | activated | 2026-01-03T00:00:00.000Z | ops | by hand |",
    ]
    told = section(text, "Provenance")
    for words in ("drops/v1.1.0/model.joblib", "s3-version-7", "654,321", "dep-0123456789abcdef", "c0ffee", "build-77"):
        assert any(words in line for line in told), words
    assert "| Libraries | numpy 2.5.5, scikit-learn 1.9.1 |" in told
    assert "| Signed by | not told |" in told
    assert section(text, "Columns")[2:] == [
        "| 1 | amount | 22.5 | 1.5 | 203.25 | required |",
        "| 2 | V1 | -0.0625 |  |  | filled with the median |",
    ]


def test_the_limits_say_on_which_set_it_was_measured_and_what_an_explanation_is() -> None:
    limits = "\n".join(section(document(view()), "Limits of use"))

    assert f"SHA-256 {'e5' * 32}" in limits
    assert "2.5 % of those rows" in limits
    assert "With 50 frauds in the set" in limits
    assert "single reference row" in limits
    assert "calibration error 0.000770" in limits


def test_a_version_that_was_never_measured_says_so_and_keeps_its_claims() -> None:
    text = document({**bare(), "claimed_metrics": {"f1": 0.99}})

    assert "Nothing was measured" in text
    assert "| f1 | 0.99 |" in text
    assert "No performance is known" in text
    assert "The version was never active." in text
    for absent in ("Decision threshold", "Calibration", "Compared with", "Latency"):
        assert f"## {absent}" not in text


def test_a_record_from_before_the_curves_has_no_empty_sections() -> None:
    old = view()
    for name in ("precision_recall_curve", "calibration", "precision_at_k", "fraud_histogram"):
        del old["metrics"][name]

    text = document(old)

    assert "| 0.00 to 0.05 | 1,900 |  |" in text
    for absent in ("Precision and recall at other", "Highest scores", "Calibration\n"):
        assert f"## {absent}" not in text


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\\`*_[]()<>&|~$!#:/w.-+"), max_size=40))
def test_a_text_in_a_cell_stands_for_itself(text: str) -> None:
    # GIVEN a table as the card writes it / WHEN CommonMark reads it
    tree = Tree(COMMONMARK.render(f"| a |\n| --- |\n| {escaped(text)} |\n"))

    # THEN the cell holds the text and no element
    assert tree.names == {"table", "thead", "tbody", "tr", "th", "td"}
    assert [cell.strip() for cell in tree.cells] == ["a", one_line(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("some_name of V_1", "some_name of V_1"),
        ("_em_", r"\_em\_"),
        ("https://evil.example", r"https:\//evil.example"),
        ("WWW.evil.example", r"WWW\.evil.example"),
        ("a|b\\", r"a\|b\\"),
        (" two \r\n lines\u2028here ", "two lines here"),
        ("\x1b[0m\u202e", "�\\[0m�"),
    ],
)
def test_only_what_could_be_markup_is_escaped(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_hostile_texts_in_every_place_stay_texts() -> None:
    text = document(hostile(NASTY))

    tree = Tree(COMMONMARK.render(text))
    known = {"h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "strong"}
    assert tree.names <= known
    assert "://" not in text
    assert not any(char in text for char in "\x1b\u202e\x00")
    assert sum(one_line(NASTY) == cell.strip() for cell in tree.cells) >= 10


def test_a_very_long_claim_is_cut() -> None:
    text = document({**bare(), "claimed_metrics": {"all": list(range(5000))}})

    assert len(text) < 5000


def test_the_card_needs_neither_numpy_nor_a_template_engine() -> None:
    heavy = ("numpy", "jinja2", "matplotlib")
    code = f"import sys; import fraud.versions.card; print([m for m in {heavy} if m in sys.modules])"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
