"""One small training that the tests of this folder look at."""

import io

import pytest
from rich.console import Console

from training.generator import generate
from training.trainer import Training, split, train


@pytest.fixture(scope="session")
def console() -> Console:
    return Console(file=io.StringIO())


@pytest.fixture(scope="session")
def training(console: Console) -> Training:
    """A logistic regression on 6,000 generated rows: the quickest of the families."""
    return train(split(generate(rows=6000, fraud_rate=0.02, seed=1)), "logistic", seed=1, console=console)
