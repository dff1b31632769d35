"""What a source model itself answers: the probability of fraud, from scikit-learn's own methods."""

from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import Pipeline

from fraud.packing.axes import Floats


def probability_of_fraud(model: Any, rows: Floats) -> Floats:
    """`predict_proba` of class 1; of an isolation forest `anomaly_probability`."""
    forest = isolation_forest_in(model)
    if forest is None:
        return np.asarray(model.predict_proba(rows)[:, 1], dtype=np.float64)
    return anomaly_probability(model.score_samples(rows), float(forest.offset_))


def anomaly_probability(scores: Floats, offset: float) -> Floats:
    """An isolation forest's `score_samples` as a number between 0 and 1: rising, and 0.5 where its own verdict turns.

    With q = -score and a = -offset (0.5 unless `contamination` is set): q / (2 a) up to a, 1 - (1 - q) / (2 (1 - a))
    beyond. For a = 0.5 this is q itself, the anomaly score of Liu, Ting and Zhou (2008). It orders rows; it is not a
    frequency: calibrate the decision threshold on labelled rows.
    """
    return np.asarray(np.interp(-scores, [0.0, -offset, 1.0], [0.0, 0.5, 1.0]))


def isolation_forest_in(model: Any) -> IsolationForest | None:
    """The isolation forest a model is or a pipeline ends in, None where there is none."""
    while type(model) is Pipeline:
        model = model.steps[-1][1]
    return model if type(model) is IsolationForest else None
