"""A BentoML service around the model."""

from typing import Any

import bentoml

from benchmarks.rivals.scored import Model


@bentoml.service(workers=1)
class Fraud:
    """One worker, one model."""

    def __init__(self) -> None:
        self.model = Model()

    @bentoml.api
    def predict(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to one transaction."""
        return self.model.answer(asked)
