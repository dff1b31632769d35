"""The stored curve is scikit-learn's, thinned; bins are those of the calibration error; nothing grows without bound."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as oracle

from fraud.versions.curves import MAX_POINTS, precision_recall_curve
from fraud.versions.evaluation import evaluate, precision_at_k
from fraud.versions.measurements import CalibrationBin, Evaluation, evaluation_from_record

Rows = tuple[NDArray[np.int8], NDArray[np.float64]]


def scored(n: int = 20_000, rate: float = 0.02, seed: int = 0) -> Rows:
    """Rows scored by a fair but imperfect model."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < rate).astype(np.int8)
    return labels, 1 / (1 + np.exp(4 - rng.normal(size=n) - 5 * labels))


def measured(rows: Rows, threshold: float = 0.5) -> Evaluation:
    return evaluate(*rows, threshold=threshold, draws=2)


@st.composite
def labelled(draw: st.DrawFn) -> Rows:
    """Few rows whose scores often tie, both ends of the scale among them."""
    n = draw(st.integers(2, 200))
    labels = draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))
    score = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]) | st.floats(0, 1, allow_nan=False)
    scores = draw(st.lists(score, min_size=n, max_size=n))
    return np.array([0, 1, *labels], dtype=np.int8), np.array(scores)


@settings(deadline=None, max_examples=40)
@given(labelled(), st.floats(0, 1))
def test_every_point_lies_on_scikit_learns_curve_and_recall_rises(rows: Rows, threshold: float) -> None:
    precision, recall, thresholds = oracle.precision_recall_curve(*rows)
    known = {float(t): (p, r) for t, p, r in zip(thresholds, precision, recall, strict=False)}

    curve = precision_recall_curve(*rows, threshold)

    for point in curve:
        assert (point.precision, point.recall) == pytest.approx(known[point.threshold], abs=1e-12)
    recalls = [point.recall for point in curve]
    assert recalls == sorted(recalls)
    assert recalls[-1] == 1.0


@settings(deadline=None, max_examples=40)
@given(labelled(), st.floats(0, 1))
def test_the_operating_point_is_on_the_curve_when_anything_is_flagged(rows: Rows, threshold: float) -> None:
    found = measured(rows, threshold)

    flagged = [(one.precision, one.recall) for one in found.precision_recall_curve if one.threshold >= threshold]
    anything = found.confusion.tp + found.confusion.fp > 0
    assert flagged[-1:] == ([pytest.approx((found.precision, found.recall), abs=1e-12)] if anything else [])


def test_few_frauds_keep_every_corner_so_that_the_area_is_the_average_precision() -> None:
    found = measured(scored(3000, 0.01))

    previous, area = 0.0, 0.0
    for point in found.precision_recall_curve:
        area += (point.recall - previous) * point.precision
        previous = point.recall
    assert found.frauds < MAX_POINTS
    assert area == pytest.approx(found.average_precision, abs=1e-12)


@pytest.mark.parametrize("rate", [0.002, 0.02, 0.5])
def test_many_frauds_keep_at_most_60_points_without_a_gap(rate: float) -> None:
    # GIVEN more frauds than points
    rows = scored(60_000, rate)

    # WHEN
    curve = measured(rows).precision_recall_curve

    # THEN both ends are there, and no step is longer than its share of the whole curve, or one single step of it
    assert len(curve) <= MAX_POINTS
    precision, recall, _ = oracle.precision_recall_curve(*rows)
    corners = np.flatnonzero(np.diff(recall))
    p, r = precision[corners], recall[corners]
    steps = np.abs(np.diff(p)) + np.abs(np.diff(r))
    assert (curve[0].precision, curve[0].recall) == pytest.approx((p[-1], r[-1]))
    for a, b in pairwise(curve):
        assert abs(b.recall - a.recall) <= steps.sum() / (MAX_POINTS - 2) + steps.max() + 1e-12


def test_calibration_bins_are_equal_in_mass_and_hold_what_was_told_and_seen() -> None:
    # GIVEN ten scores of 50 rows each, of which every fifth, or one more, is fraud
    told = np.repeat(np.linspace(0.05, 0.95, 10), 50)
    labels = (np.tile(np.arange(50), 10) < np.repeat([1, 5, 10, 15, 20, 25, 30, 35, 40, 49], 50)).astype(np.int8)

    # WHEN
    bins = measured((labels, told)).calibration

    # THEN, counted by hand, highest scores first
    shares = [0.98, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.02]
    scores = [0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15, 0.05]
    for one, score, share in zip(bins, scores, shares, strict=True):
        assert (one.mean_score, one.fraud_share, one.n) == pytest.approx((score, share, 50))


@settings(deadline=None, max_examples=40)
@given(labelled())
def test_the_bins_make_up_the_calibration_error_and_hold_every_row(rows: Rows) -> None:
    found = measured(rows)

    gaps = sum(one.n * abs(one.fraud_share - one.mean_score) for one in found.calibration)
    assert gaps / found.n == pytest.approx(found.calibration_error, abs=1e-12)
    assert sum(one.n for one in found.calibration) == found.n
    assert 1 <= len(found.calibration) <= 15


def test_one_score_for_all_is_one_bin() -> None:
    labels = np.array([0, 0, 0, 1], dtype=np.int8)

    assert measured((labels, np.full(4, 0.3))).calibration == (CalibrationBin(mean_score=0.3, fraud_share=0.25, n=4),)


@pytest.mark.parametrize(
    ("n", "expected"), [(9, []), (10, ["10"]), (499, ["10", "50", "100"]), (500, ["10", "50", "100", "500"])]
)
def test_precision_at_k_is_given_for_each_k_that_the_rows_allow(n: int, expected: list[str]) -> None:
    labels, scores = scored(n, 0.3)

    found = measured((labels, scores)).precision_at_k

    assert list(found) == expected
    order = np.argsort(-scores)
    for k, share in found.items():
        assert share == pytest.approx(labels[order[: int(k)]].mean())
        assert share == precision_at_k(labels, scores, int(k))


def test_the_frauds_of_the_histogram_are_among_its_rows() -> None:
    labels = np.array([0, 1, 0, 1], dtype=np.int8)

    found = measured((labels, np.array([0.0, 1.0, 0.049, 0.5])))

    assert found.score_histogram == (2, *[0] * 9, 1, *[0] * 8, 1)
    assert found.fraud_histogram == (0, *[0] * 9, 1, *[0] * 8, 1)


def test_a_record_from_before_the_curves_can_still_be_read() -> None:
    stored = msgspec.to_builtins(measured(scored(2000)))
    added = ("precision_recall_curve", "calibration", "precision_at_k", "fraud_histogram")
    old = {name: value for name, value in stored.items() if name not in added}

    found = evaluation_from_record(old)

    assert (found.precision_recall_curve, found.calibration, found.precision_at_k) == ((), (), {})
    assert found.f1 == stored["f1"]


def test_the_measurements_of_many_rows_stay_small() -> None:
    found = evaluate(*scored(50_000, 0.5), threshold=0.31234567, draws=2)

    assert len(msgspec.json.encode(found)) < 10_000
