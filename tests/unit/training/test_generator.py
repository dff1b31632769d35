"""Generated transactions look like cards, repeat by seed, and are as hard as they say."""

import numpy as np
import pytest
from rich.console import Console
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fraud.versions.evaluation import evaluate
from fraud.versions.gates import activation_verdict
from training.data import COLUMNS
from training.fit import DEFAULT_FAMILY, best_threshold, probability
from training.generator import generate
from training.trainer import split, train


def test_the_same_arguments_give_the_same_rows_and_another_seed_others() -> None:
    one, again, other = generate(rows=500, seed=3), generate(rows=500, seed=3), generate(rows=500, seed=4)

    assert np.array_equal(one.X, again.X)
    assert np.array_equal(one.y, again.y)
    assert not np.array_equal(one.X, other.X)


@pytest.mark.parametrize("rate", [0.002, 0.01, 0.02])
def test_the_share_of_fraud_is_the_one_asked_for(rate: float) -> None:
    made = generate(rows=10_000, fraud_rate=rate)

    assert made.frauds == round(10_000 * rate)


@pytest.mark.parametrize(("rows", "rate"), [(10_000, 0.001), (10_000, 0.03), (99, 0.01), (10_000, float("nan"))])
def test_settings_that_make_no_usable_set_are_refused(rows: int, rate: float) -> None:
    with pytest.raises(ValueError, match="cannot generate"):
        generate(rows=rows, fraud_rate=rate)


def test_rows_have_the_columns_and_units_of_the_public_set() -> None:
    # WHEN
    made = generate(rows=20_000)

    # THEN
    assert made.columns == COLUMNS
    assert made.X.shape == (20_000, 30)
    assert np.isfinite(made.X).all()
    time, components, amount = made.X[:, 0], made.X[:, 1:29], made.X[:, 29]
    assert (np.diff(time) >= 0).all()
    assert 0 <= time[0] < time[-1] < 2 * 86_400
    assert np.array_equal(time, np.floor(time))
    assert np.array_equal(components, np.round(components, 6))
    assert components[:, 0].std() > 3 * components[:, 27].std()
    assert (amount >= 0).all()
    assert np.array_equal(amount, np.round(amount, 2))
    assert np.mean(amount) > 2 * np.median(amount)


def test_few_pay_at_night() -> None:
    hour = (generate(rows=20_000).X[:, 0] // 3600) % 24

    assert (hour == 10).sum() > 3 * (hour == 4).sum()


def test_the_default_training_clears_the_activation_gate(console: Console) -> None:
    # GIVEN exactly what `python -m training` does without arguments
    trained = train(split(generate()), DEFAULT_FAMILY, seed=0, console=console)

    verdict = activation_verdict(evaluation=trained.evaluation, paired=None, active_version=None)

    assert verdict.activate, verdict.reasons


def test_a_logistic_regression_on_any_single_feature_stays_far_below_the_gate() -> None:
    parts = split(generate(rows=8000))
    found = []

    for column in range(len(COLUMNS)):
        model = make_pipeline(StandardScaler(), LogisticRegression())
        model.fit(parts.train.X[:, [column]], parts.train.y)
        scores = probability(model, parts.validation.X[:, [column]])
        # even with a threshold chosen on the very rows it is measured on
        threshold = best_threshold(parts.validation.y, scores)
        found.append(evaluate(parts.validation.y, scores, threshold=threshold, draws=1).f1)

    assert max(found) < 0.7
