"""A bulk batch from nothing to a checked result: stand-ins up, rows made, scored, compared, everything down again."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.bulk import prepare
from benchmarks.bulk.check import check
from benchmarks.bulk.place import free_port
from benchmarks.bulk.run import Outcome, run
from local import cloud
from local.place import Place as Cloud
from training.generator import generate

MODELS: dict[str, Any] = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "hist_gradient_boosting": HistGradientBoostingClassifier(max_iter=100, random_state=0),
}


class Measured(NamedTuple):
    """How the batch ended, and how many puts its records took."""

    outcome: Outcome
    puts: int


def measure(rows: int, name: str) -> Measured:
    """Score that many generated rows by a model of MODELS; raises AssertionError when anything is not as it must be."""
    made = generate(rows=20_000, seed=3)
    X, names = made.X.astype(np.float64), [str(one) for one in made.columns]
    model = MODELS[name].fit(X, made.y)
    with tempfile.TemporaryDirectory(prefix="bulk") as directory:
        root = Path(directory)
        aws = Cloud(prepare.ROOT, root, free_port())
        cloud.start(aws)
        try:
            with prepare.log_table(root) as log_url:
                place = prepare.place(root, aws.endpoint, log_url)
                prepare.put_model(root, model, X, names)
                outcome = run(place, prepare.job_of(prepare.put_rows(root, rows)))
                return Measured(outcome, check(place, outcome, rows, model))
        finally:
            cloud.stop(aws)
