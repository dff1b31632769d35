"""MLflow's scoring server around the model: `python -m benchmarks.rivals.mlflow_server PORT`."""

import os
import sys
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import uvicorn
from mlflow.pyfunc.scoring_server import init

from benchmarks.rivals.scored import Model


class Fraud(mlflow.pyfunc.PythonModel):
    """The model as MLflow keeps one."""

    def load_context(self, context: Any) -> None:
        """Load the model."""
        self.model = Model()

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        """The answers to transactions."""
        return [self.model.answer(asked) for asked in model_input.to_dict("records")]


if __name__ == "__main__":
    path = Path(os.environ["BENCH_FOLDER"]) / "mlflow"
    if not path.exists():
        mlflow.pyfunc.save_model(path, python_model=Fraud(), pip_requirements=[])
    uvicorn.run(init(mlflow.pyfunc.load_model(str(path))), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
