"""What the routes of rollouts and experiments answer and accept."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fraud.http.replies import Reply

Metric = Literal["alert_rate", "error_rate", "latency_ms", "precision", "recall"]


class Rollout(Reply):
    """How a candidate takes, or took, over; `verdicts` are the looks at it, newest first, with every number."""

    rollout_id: str
    version: str
    baseline: str
    strategy: Literal["canary", "shadow"]
    state: Literal["running", "promoted", "rolled_back", "aborted", "completed"]
    steps: list[int]
    percent: int
    bake_minutes: float
    started_at: str
    ended_at: str | None
    outcome: str
    verdicts: list[dict[str, Any]]


class Rollouts(Reply):
    """Rollouts, newest first; each with its last look."""

    rollouts: list[Rollout]


class Pardoned(Reply):
    """A condemnation that no longer stands."""

    version: str
    why: str
    pardoned_by: str
    pardoned_at: str


class PardonRequest(BaseModel):
    """Why a condemned version may serve again; kept with it for ever."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: str = Field(min_length=1, max_length=500)


class ExperimentRequest(BaseModel):
    """The active version (control) beside `treatment`, which answers `split` percent of entities."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str = Field(min_length=1, max_length=200)
    treatment: str = Field(max_length=64)
    control: str | None = Field(default=None, max_length=64, description="the active version, if named at all")
    split: float = Field(default=50.0, gt=0, lt=100)
    metric: Metric = "alert_rate"
    owner: str = Field(default="", max_length=200, description="default: the calling client")
    salt: str | None = Field(default=None, min_length=1, max_length=64, description="default: drawn anew")
    reason: str = Field(default="", max_length=500)


class Experiment(Reply):
    """An experiment and what it shows so far; `verdict` says it in words."""

    experiment_id: str
    name: str
    control: str
    treatment: str
    split: float
    metric: Metric
    owner: str
    state: Literal["running", "stopped"]
    started_at: str
    ended_at: str | None


class Experiments(Reply):
    """Experiments, newest first, without their results."""

    experiments: list[Experiment]
