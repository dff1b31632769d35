"""Our handler's parts and variants: with the kernel, with the walker, with another engine in the model's place."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.subject import Subject, body, event
from fraud.scoring.packed.kernel import kernel
from fraud.scoring.packed.model import PackedModel
from functions.predict import app

Engine = Any  # PackedModel, or something with its `score` and `explain`
MAKE_PREDICTOR = app.predictor.__wrapped__


def engines(subject: Subject) -> dict[str, PackedModel]:
    """The packed model by what evaluates it."""
    found = {"walker": PackedModel.from_bytes(subject.packed, "walker")}
    return found if kernel() is None else {"kernel": PackedModel.from_bytes(subject.packed), **found}


def fresh_events(subject: Subject) -> Iterator[dict[str, Any]]:
    """Events of transactions nobody has asked about yet: each is a write and never a replay."""
    told = event({**body(subject, 0), "transaction_id": "%d"})
    head, _, tail = told["body"].partition("%d")
    return ({**told, "body": f"{head}{number}{tail}"} for number in count())


def handler_with(engine: Engine, subject: Subject) -> Callable[[], object]:
    """predict's real handler around an engine, asked about a new transaction each time."""
    app.parts.cache_clear()
    with patch("fraud.scoring.live.PackedModel.from_bytes", lambda _: engine):
        predictor = MAKE_PREDICTOR()
        events = fresh_events(subject)
        predictor.predict(json.dumps(body(subject, 1)).encode(), "warm")

    def call() -> object:
        app.predictor = lambda: predictor  # type: ignore[assignment]
        answered = app.handler(next(events), None)
        assert answered["statusCode"] == 200, answered
        return answered

    return call


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Log lines go to a file, as a container's do to a pipe."""
    with path.open("w") as file, redirect_stdout(file):
        yield
