"""What the model servers do with a request: the row of a transaction, its probability by scikit-learn, an answer."""

import os
from typing import Any

import joblib
import numpy as np


class Model:
    """The fitted model of the benchmark."""

    def __init__(self) -> None:
        self._model: Any = joblib.load(os.environ["BENCH_MODEL"])

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to one transaction."""
        features = asked["features"]
        row = [asked["time"], *(features[f"V{number}"] for number in range(1, 29)), asked["amount"]]
        probability = float(self._model.predict_proba(np.array([row]))[0, 1])
        told = {"is_fraud": probability >= 0.5, "fraud_probability": probability}
        return {"transaction_id": asked["transaction_id"], **told}
