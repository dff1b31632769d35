"""Each rival behind the HTTP server its own guide starts, on the same model file and the same request body.

What is started finds the model as `$BENCH_MODEL` (joblib) and writes to `$BENCH_FOLDER`.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.subject import ROOT

ENVIRONMENTS = ROOT / ".local" / "envs"
UVICORN = ("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--log-level", "warning", "--no-access-log")


class Server(NamedTuple):
    """How one is started (`{port}`), where it answers, and the key under which it takes the transaction."""

    name: str
    package: str
    command: tuple[str, ...]
    path: str = "/predict"
    wrap: str = "{}"
    environment: str = "bench"

    @property
    def python(self) -> Path:
        """The interpreter that runs it."""
        return ENVIRONMENTS / self.environment / "bin" / "python"

    @property
    def installed(self) -> bool:
        """Whether it can be started here."""
        if self.environment == "bench":
            return find_spec(self.package) is not None
        return bool(list((ENVIRONMENTS / self.environment).glob(f"lib/*/site-packages/{self.package}")))


RECORDED, UNRECORDED, ALONE = "ours, explained and recorded", "ours, explained", "ours"
OURS = (RECORDED, UNRECORDED, ALONE)
TUTORIAL = "tutorial: FastAPI, SQLite"
SERVERS = (
    Server(RECORDED, "uvicorn", (*UVICORN, "benchmarks.rivals.plain:recorded")),
    Server(UNRECORDED, "uvicorn", (*UVICORN, "--factory", "benchmarks.rivals.plain:unrecorded")),
    Server(ALONE, "uvicorn", (*UVICORN, "--factory", "benchmarks.rivals.plain:alone")),
    Server(TUTORIAL, "fastapi", (*UVICORN, "benchmarks.rivals.fastapi_sqlite:app")),
    Server(
        "BentoML", "bentoml", ("-m", "bentoml", "serve", "benchmarks.rivals.bento:Fraud", "--port", "{port}"),
        wrap='{{"asked": {}}}', environment="peers",
    ),
    Server("LitServe", "litserve", ("-m", "benchmarks.rivals.lit", "{port}"), environment="peers"),
    Server(
        "MLflow", "mlflow", ("-m", "benchmarks.rivals.mlflow_server", "{port}"), path="/invocations",
        wrap='{{"dataframe_records": [{}]}}', environment="peers",
    ),
)  # fmt: skip
