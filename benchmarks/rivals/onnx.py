"""onnxruntime where our packed model stands: the same handler around another engine. It cannot explain."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime

from fraud.scoring.packed.attribution import Attribution


class OnnxModel:
    """A converted model with the two calls of `PackedModel` the handler makes."""

    def __init__(self, data: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self._outputs = [self._session.get_outputs()[1].name]
        self._input = self._session.get_inputs()[0].name

    def score(self, row: Sequence[float]) -> float:
        """The probability of fraud, in float32."""
        return float(self.many(np.array([row], dtype=np.float32))[0])

    def many(self, rows: Any) -> Any:
        """The probabilities of fraud of an array of rows."""
        return self._session.run(self._outputs, {self._input: rows})[0][:, 1]

    def explain(self, row: Sequence[float], reference: Sequence[float] | None = None) -> Attribution:
        """No reasons: nothing but zeros."""
        score = self.score(row)
        return Attribution("none", "probability", score, score, (0.0,) * len(row))


def converted(estimator: Any, width: int) -> bytes:
    """The estimator as ONNX, by skl2onnx; needs the conversion library only here."""
    from skl2onnx import to_onnx  # noqa: PLC0415 -- the server of a converted model does not have it

    found: bytes = to_onnx(
        estimator, np.zeros((1, width), dtype=np.float32), options={id(estimator): {"zipmap": False}}
    ).SerializeToString()
    return found
