"""Metrics equal scikit-learn's, bounds are those of the bootstrap, and wrong input is refused in words."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as oracle

from fraud.errors import InvalidRequestError
from fraud.versions.evaluation import evaluate, paired_difference, precision_at_k
from fraud.versions.measurements import METRICS, Confusion, evaluation_from_record

Rows = tuple[NDArray[np.int8], NDArray[np.float64]]

# Few distinct values, so that ties within and across the classes are the rule, and both ends of the scale.
tied_scores = st.sampled_from([0.0, 1e-12, 0.1, 0.25, 0.5, 0.5 + 1e-16, 0.50001, 0.9, 1.0])
any_scores = st.floats(0, 1, allow_nan=False, width=32)


@st.composite
def labelled(draw: st.DrawFn) -> Rows:
    n = draw(st.integers(2, 60))
    labels = draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))
    scores = draw(st.lists(draw(st.sampled_from([tied_scores, any_scores])), min_size=n, max_size=n))
    return np.array([0, 1, *labels], dtype=np.int8), np.array(scores, dtype=np.float64)


def scored(n: int = 4000, rate: float = 0.02, seed: int = 0) -> Rows:
    """Rows scored by a fair but imperfect model."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < rate).astype(np.int8)
    return labels, 1 / (1 + np.exp(4 - rng.normal(size=n) - 5 * labels))


@settings(deadline=None)
@given(labelled(), st.floats(0, 1))
def test_every_metric_equals_scikit_learns_also_with_ties(rows: Rows, threshold: float) -> None:
    labels, scores = rows

    found = evaluate(labels, scores, threshold=threshold, draws=2)

    decided = scores >= threshold
    assert found.average_precision == pytest.approx(oracle.average_precision_score(labels, scores), abs=1e-12)
    assert found.roc_auc == pytest.approx(oracle.roc_auc_score(labels, scores), abs=1e-12)
    assert found.f1 == pytest.approx(oracle.f1_score(labels, decided, zero_division=0), abs=1e-12)
    assert found.precision == pytest.approx(oracle.precision_score(labels, decided, zero_division=0), abs=1e-12)
    assert found.recall == pytest.approx(oracle.recall_score(labels, decided), abs=1e-12)
    assert found.brier == pytest.approx(oracle.brier_score_loss(labels, scores), abs=1e-12)
    assert found.log_loss == pytest.approx(oracle.log_loss(labels, scores), rel=1e-9)
    (tn, fp), (fn, tp) = oracle.confusion_matrix(labels, decided).tolist()
    assert found.confusion == Confusion(tp=tp, fp=fp, fn=fn, tn=tn)


@settings(deadline=None)
@given(labelled(), st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(rows: Rows, seed: int) -> None:
    labels, scores = rows
    order = np.random.default_rng(seed).permutation(len(labels))

    found = evaluate(labels, scores, threshold=0.5, draws=2)
    shuffled = evaluate(labels[order], scores[order], threshold=0.5, draws=2)

    for name in METRICS:
        assert getattr(found, name) == pytest.approx(getattr(shuffled, name), abs=1e-12), name


def test_bounds_are_those_of_a_bootstrap_drawn_row_by_row() -> None:
    # GIVEN the textbook stratified bootstrap, one scikit-learn call for each resample
    labels, scores = scored(2000, 0.05)
    rng = np.random.default_rng(1)
    classes = [np.flatnonzero(labels == label) for label in (0, 1)]
    drawn = []
    for _ in range(250):
        rows = np.concatenate([rng.choice(rows, len(rows)) for rows in classes])
        y, s = labels[rows], scores[rows]
        drawn.append(
            {
                "average_precision": oracle.average_precision_score(y, s),
                "roc_auc": oracle.roc_auc_score(y, s),
                "f1": oracle.f1_score(y, s >= 0.5),
                "precision_at_100": y[np.argsort(-s, kind="stable")[:100]].mean(),
                "brier": oracle.brier_score_loss(y, s),
                "log_loss": oracle.log_loss(y, s),
            }
        )

    # WHEN
    found = evaluate(labels, scores, threshold=0.5, draws=2000)

    # THEN the intervals agree within the noise of 250 draws
    for name in drawn[0]:
        lower, upper = np.quantile([one[name] for one in drawn], [0.025, 0.975])
        width = upper - lower
        assert found.bounds[name] == pytest.approx((lower, upper), abs=0.2 * width), name


def test_bounds_enclose_the_point_and_narrow_with_more_rows() -> None:
    few = evaluate(*scored(2000), threshold=0.5)
    many = evaluate(*scored(50_000), threshold=0.5)

    for found in (few, many):
        assert set(found.bounds) == set(METRICS)
        for name in set(METRICS) - {"calibration_error"}:  # resampling noise adds to an absolute error
            lower, upper = found.bounds[name]
            assert lower <= getattr(found, name) <= upper, name
    assert np.ptp(many.bounds["f1"]) < np.ptp(few.bounds["f1"]) / 3


def test_the_same_seed_gives_the_same_bounds_and_another_seed_others() -> None:
    rows = scored()

    assert evaluate(*rows, threshold=0.5, seed=3) == evaluate(*rows, threshold=0.5, seed=3)
    assert evaluate(*rows, threshold=0.5, seed=3).bounds != evaluate(*rows, threshold=0.5, seed=4).bounds


def test_precision_at_k_counts_ties_across_the_kth_place_by_expectation() -> None:
    labels = np.array([1, 0, 1, 0, 0, 0], dtype=np.int8)
    scores = np.array([0.9, 0.8, 0.5, 0.5, 0.5, 0.1])

    assert precision_at_k(labels, scores, 1) == 1.0
    assert precision_at_k(labels, scores, 2) == 0.5
    assert precision_at_k(labels, scores, 3) == pytest.approx((1 + 1 / 3) / 3)
    assert precision_at_k(labels, scores, 5) == pytest.approx(2 / 5)
    assert precision_at_k(labels, scores, 100) == pytest.approx(2 / 6)


def test_calibration_error_is_the_gap_between_told_and_seen_frequency() -> None:
    # GIVEN ten scores of 200 rows each, whose fraud is 5 points more frequent than told
    told = np.repeat(np.linspace(0.05, 0.95, 10), 200)
    labels = (np.tile(np.arange(200), 10) / 200 < told + 0.05 - 1e-9).astype(np.int8)

    found = evaluate(labels, told, threshold=0.5, draws=10)

    assert found.calibration_error == pytest.approx(0.05, abs=1e-9)


def test_the_histogram_counts_every_score_including_both_ends() -> None:
    labels = np.array([0, 1, 0, 1], dtype=np.int8)

    found = evaluate(labels, np.array([0.0, 1.0, 0.049, 0.5]), threshold=0.5, draws=2)

    assert found.score_histogram == (2, *[0] * 9, 1, *[0] * 8, 1)


def test_an_evaluation_survives_json_unchanged() -> None:
    found = evaluate(*scored(500, 0.2), threshold=0.5, draws=50)

    stored = msgspec.json.decode(msgspec.json.encode(found))

    assert evaluation_from_record(stored) == found


def test_two_equal_models_differ_by_nothing() -> None:
    labels, scores = scored()

    paired = paired_difference(labels, scores, scores, 0.5, 0.5, draws=200)

    for difference in (paired.f1, paired.average_precision):
        assert (difference.point, difference.lower, difference.upper) == (0, 0, 0)


def test_the_paired_difference_is_a_minus_b_and_tighter_than_two_separate_intervals() -> None:
    # GIVEN a model and a slightly noisier one
    labels, good = scored(20_000)
    noise = np.random.default_rng(5).normal(size=len(good)) * 0.3
    worse = 1 / (1 + np.exp(noise - np.log(good / (1 - good))))

    # WHEN
    paired = paired_difference(labels, good, worse, 0.5, 0.4)

    # THEN
    a, b = evaluate(labels, good, threshold=0.5), evaluate(labels, worse, threshold=0.4)
    assert paired.f1.point == pytest.approx(a.f1 - b.f1, abs=1e-12)
    assert paired.average_precision.point == pytest.approx(a.average_precision - b.average_precision, abs=1e-12)
    assert 0 < paired.average_precision.lower < paired.average_precision.point < paired.average_precision.upper
    separate = np.hypot(np.ptp(a.bounds["average_precision"]), np.ptp(b.bounds["average_precision"]))
    assert paired.average_precision.upper - paired.average_precision.lower < separate / 2


def test_the_paired_interval_is_that_of_resamples_seen_by_both_models() -> None:
    # GIVEN the textbook: the same rows drawn for both
    labels, scores_a = scored(3000, 0.05, seed=2)
    scores_b = scored(3000, 0.05, seed=2)[1] ** 2 * 0.5 + scored(3000, 0.05, seed=9)[1] * 0.5
    rng = np.random.default_rng(1)
    classes = [np.flatnonzero(labels == label) for label in (0, 1)]
    drawn = []
    for _ in range(250):
        rows = np.concatenate([rng.choice(rows, len(rows)) for rows in classes])
        y, a, b = labels[rows], scores_a[rows], scores_b[rows]
        drawn.append(oracle.f1_score(y, a >= 0.5) - oracle.f1_score(y, b >= 0.3))

    # WHEN
    found = paired_difference(labels, scores_a, scores_b, 0.5, 0.3, draws=2000).f1

    # THEN
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=0.2 * (upper - lower))


@pytest.mark.parametrize(
    ("labels", "scores", "words"),
    [
        ([0, 1, 1], [0.1, 0.2], "do not go with"),
        ([0, 0], [0.1, 0.2], "hold both"),
        ([1, 1], [0.1, 0.2], "hold both"),
        ([0, 2], [0.1, 0.2], "0 and 1"),
        ([0, 1], [0.1, 1.2], "probabilities"),
        ([0, 1], [0.1, float("nan")], "probabilities"),
        ([], [], "hold both"),
    ],
)
def test_rows_that_cannot_be_measured_are_refused_in_words(labels: list[int], scores: list[float], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        evaluate(np.array(labels, dtype=np.int8), np.array(scores), threshold=0.5)
