"""A LitServe API around the model: `python -m benchmarks.rivals.lit PORT`."""

import sys
from typing import Any

import litserve

from benchmarks.rivals.scored import Model


class FraudApi(litserve.LitAPI):
    """One worker, one model."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self.model = Model()

    def predict(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to one transaction."""
        return self.model.answer(asked)


if __name__ == "__main__":
    litserve.LitServer(FraudApi(), accelerator="cpu").run(
        host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning"
    )
