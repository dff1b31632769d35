"""Training splits by time and measures on rows that took no part in fitting."""

import io

import numpy as np
import pytest
from rich.console import Console

from fraud.versions.evaluation import evaluate
from training.data import Transactions, UnreadableDataError
from training.generator import generate
from training.trainer import Training, split, train


def test_the_parts_follow_each_other_in_time() -> None:
    parts = split(generate(rows=5000))

    assert [len(part) for part in (parts.train, parts.held_out, parts.validation)] == [3000, 1000, 1000]
    assert parts.train.X[-1, 0] <= parts.held_out.X[0, 0]
    assert parts.held_out.X[-1, 0] <= parts.validation.X[0, 0]


def test_with_validation_rows_of_their_own_all_other_rows_are_trained_on() -> None:
    data, other = generate(rows=5000), generate(rows=1000, seed=9)

    parts = split(data, other)

    assert [len(part) for part in (parts.train, parts.held_out)] == [4000, 1000]
    assert parts.validation is other


def test_validation_rows_with_other_columns_are_refused() -> None:
    other = generate(rows=1000)
    renamed = Transactions(other.X, other.y, (*other.columns[:-1], "Sum"))

    with pytest.raises(UnreadableDataError, match="other columns"):
        split(generate(rows=1000), renamed)


def test_a_part_without_fraud_is_refused_by_name() -> None:
    made = generate(rows=1000)
    early = Transactions(made.X, np.where(np.arange(1000) < 700, made.y, 0).astype(np.int8), made.columns)

    with pytest.raises(UnreadableDataError, match=r"the validation part \(200 rows, 0 frauds\)"):
        split(early)


def test_the_evaluation_is_that_of_the_finished_model_on_the_validation_rows(training: Training) -> None:
    validation = training.parts.validation

    scores = training.fitted.scores(validation.X)

    assert np.array_equal(scores, training.scores)
    assert training.evaluation == evaluate(validation.y, scores, threshold=training.fitted.threshold, seed=1)


def test_each_step_is_told_when_it_begins_and_with_its_seconds_when_it_ends() -> None:
    told = io.StringIO()

    train(split(generate(rows=2000, fraud_rate=0.02)), "logistic", seed=0, console=Console(file=told, width=200))

    lines = told.getvalue().splitlines()
    assert lines[0].startswith("fitting logistic on 1,200 rows, ")
    assert [line.strip().split(" in ")[0] for line in lines[1::2]] == ["done"] * 3
    assert len(lines) == 6
