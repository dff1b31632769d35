"""The whole of a training: split by time, fit, finish on held-out rows, measure on rows nothing has seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from rich.console import Console
from threadpoolctl import threadpool_limits

from fraud.versions.evaluation import evaluate
from fraud.versions.measurements import Evaluation
from training.data import Transactions, UnreadableDataError
from training.fit import Fitted, Floats, finish, fit_family


@dataclass(frozen=True)
class Parts:
    """Rows in order of time: to fit on, to calibrate and choose the threshold on, and to measure on."""

    train: Transactions
    held_out: Transactions
    validation: Transactions


@dataclass(frozen=True)
class Training:
    """A finished model with the rows it came from, its scores of the validation rows and what they measure."""

    fitted: Fitted
    parts: Parts
    scores: Floats
    evaluation: Evaluation


def split(data: Transactions, validation: Transactions | None = None) -> Parts:
    """60/20/20 % of the data by time, or 80/20 % of it and validation rows of their own.

    Raises UnreadableDataError when the columns of the two differ or a part holds no fraud.
    """
    if validation is None:
        parts = Parts(data.between(0, 0.6), data.between(0.6, 0.8), data.between(0.8, 1))
    elif validation.columns != data.columns:
        raise UnreadableDataError("the validation rows have other columns than the training rows")
    else:
        parts = Parts(data.between(0, 0.8), data.between(0.8, 1), validation)
    for name, part in vars(parts).items():
        if not 0 < part.frauds < len(part):
            raise UnreadableDataError(f"the {name} part ({len(part)} rows, {part.frauds} frauds) needs both classes")
    return parts


def train(parts: Parts, family: str, *, seed: int, console: Console) -> Training:
    """Fit a family of `training.fit.FAMILIES`, telling each step and its seconds."""
    # OpenMP threads spin while they wait for each other: on a busy machine two are ten times slower than one.
    with threadpool_limits(limits=1):
        with step(console, f"fitting {family} on {_words(parts.train)}"):
            estimator = fit_family(family, parts.train, seed=seed)
        with step(console, f"calibrating and choosing the threshold on {_words(parts.held_out)}"):
            fitted = finish(estimator, family, parts.held_out)
        with step(console, f"measuring on {_words(parts.validation)}"):
            scores = fitted.scores(parts.validation.X)
            evaluation = evaluate(parts.validation.y, scores, threshold=fitted.threshold, seed=seed)
    return Training(fitted, parts, scores, evaluation)


@contextmanager
def step(console: Console, words: str) -> Iterator[None]:
    """One line when a step begins and one when it ended."""
    console.print(f"{words} …")
    began = perf_counter()
    yield
    console.print(f"  done in {perf_counter() - began:.1f} s")


def _words(part: Transactions) -> str:
    return f"{len(part):,} rows, {part.frauds:,} frauds"
