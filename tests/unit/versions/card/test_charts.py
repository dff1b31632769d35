"""The charts show the numbers they stand for, within their frame, whatever was measured."""

from collections.abc import Callable
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.versions.card.charts import CHARTS, calibration, precision_recall, scores, wilson
from fraud.versions.card.plot import HEIGHT, WIDTH, element, logarithmic, x_pixel, y_pixel
from fraud.versions.evaluation import evaluate
from fraud.versions.measurements import Evaluation
from tests.unit.versions.card.views import EVALUATION

LEGEND = (37, 42)  # where marks of the legend lie
SVG = "{http://www.w3.org/2000/svg}"


def marks(svg: str, name: str, kind: str) -> list[dict[str, str]]:
    """Attributes of the elements of a name and class below the legend."""
    root = ElementTree.fromstring(svg)  # noqa: S314 -- our own chart
    found = [one.attrib for one in root.iter(f"{SVG}{name}") if one.attrib.get("class") == kind]
    return [one for one in found if float(one.get("cy", one.get("y", one.get("y2", "99")))) not in LEGEND]


def test_the_operating_point_lies_at_its_recall_and_precision() -> None:
    [point] = marks(precision_recall(EVALUATION), "circle", "point")

    assert (point["cx"], point["cy"]) == (f"{x_pixel(0.8):.1f}", f"{y_pixel(0.8696):.1f}")


def test_the_curve_is_drawn_in_steps_through_every_point() -> None:
    [curve] = marks(precision_recall(EVALUATION), "polyline", "curve")

    corners = [(0, 1), (0.3, 1), (0.3, 0.8696), (0.8, 0.8696), (0.8, 0.0321), (1, 0.0321)]
    assert curve["points"] == " ".join(f"{x_pixel(r):.1f},{y_pixel(p):.1f}" for r, p in corners)


def test_each_bin_is_a_point_with_its_interval_and_one_without_fraud_is_hollow_at_the_edge() -> None:
    svg = calibration(EVALUATION)

    scale = logarithmic(0.001, 1)
    [seen], [hollow] = marks(svg, "circle", "seen"), marks(svg, "circle", "hollow")
    assert (seen["cx"], seen["cy"]) == (f"{x_pixel(scale(0.2345)):.1f}", f"{y_pixel(scale(0.235)):.1f}")
    assert (hollow["cx"], hollow["cy"]) == (f"{x_pixel(scale(0.0011)):.1f}", f"{y_pixel(0):.1f}")
    tops = [one["y2"] for one in marks(svg, "line", "interval")]
    assert tops == [f"{y_pixel(scale(wilson(share, n)[1])):.1f}" for share, n in ((0.235, 200), (0.0, 1800))]


def test_a_bar_is_as_high_as_the_logarithm_of_its_rows() -> None:
    svg = scores(EVALUATION)

    legitimate, fraud = marks(svg, "rect", "legitimate"), marks(svg, "rect", "fraud")
    assert (len(legitimate), len(fraud)) == (7, 7)
    scale = logarithmic(0.5, 10_000)
    assert legitimate[0]["y"] == f"{y_pixel(scale(1897)):.1f}"
    assert fraud[-1]["y"] == f"{y_pixel(scale(29)):.1f}"
    [threshold] = marks(svg, "line", "threshold")
    assert threshold["x1"] == threshold["x2"] == f"{x_pixel(0.42):.1f}"


def test_a_record_without_frauds_by_score_shows_all_rows() -> None:
    svg = scores(msgspec.structs.replace(EVALUATION, fraud_histogram=()))

    assert "all rows" in svg
    assert marks(svg, "rect", "fraud") == []


@pytest.mark.parametrize(
    ("share", "n", "expected"), [(0.1, 100, (0.0552, 0.1744)), (0.0, 10, (0.0, 0.2775)), (1.0, 10, (0.7225, 1.0))]
)
def test_the_interval_of_a_share_is_wilsons(share: float, n: int, expected: tuple[float, float]) -> None:
    assert wilson(share, n) == pytest.approx(expected, abs=1e-4)


@st.composite
def measured(draw: st.DrawFn) -> Evaluation:
    """Evaluations of the strangest kind: two rows, one score for all, nothing flagged, ends of the scale."""
    n = draw(st.integers(2, 30))
    labels = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))], dtype=np.int8)
    score = st.sampled_from([0.0, 1e-300, 1e-9, 0.5, 1.0]) | st.floats(0, 1)
    drawn = draw(st.lists(score, min_size=n, max_size=n))
    return evaluate(labels, np.array(drawn), threshold=draw(st.sampled_from([0.001, 0.5, 0.999])), draws=2)


@settings(deadline=None, max_examples=60)
@given(measured(), st.sampled_from(list(CHARTS.values())))
def test_whatever_was_measured_lies_within_the_picture(found: Evaluation, draw: Callable[[Evaluation], str]) -> None:
    root = ElementTree.fromstring(draw(found))  # noqa: S314 -- our own chart

    for one in root.iter():
        for name, limit in (("x", WIDTH), ("x1", WIDTH), ("x2", WIDTH), ("cx", WIDTH), ("y", HEIGHT), ("cy", HEIGHT)):
            assert 0 <= float(one.attrib.get(name, 0)) <= limit
        for name in ("width", "height", "r"):
            assert float(one.attrib.get(name, 0)) >= 0


def test_texts_and_attributes_of_an_element_are_escaped() -> None:
    assert element("text", "<b>&", class_='"><x') == '<text class="&quot;&gt;&lt;x">&lt;b&gt;&amp;</text>'
