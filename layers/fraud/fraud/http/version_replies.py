"""What the routes of model versions and their deployments answer and accept."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from fraud.http.replies import ChangeRequest, Reply

Strategy = Literal["all_at_once", "canary", "shadow"]
EVERYBODY = 100
WEEK_MINUTES = 10_080


def _growing(steps: list[int]) -> list[int]:
    """The steps, ending with everybody."""
    whole = steps if steps[-1] == EVERYBODY else [*steps, EVERYBODY]
    if not 0 < whole[0] < EVERYBODY or any(one >= two for one, two in pairwise(whole)):
        raise ValueError("steps are percentages that grow, from 1 to 99 before the final 100")
    return whole


Steps = Annotated[list[int], Field(min_length=1, max_length=20), AfterValidator(_growing)]


class Version(Reply):
    """A registered model version."""

    version: str
    status: Literal["READY", "CONDEMNED", "REJECTED"]
    is_active: bool
    created_at: str
    sha256: str
    packed_sha256: str
    description: str
    metrics: dict[str, Any] | None = Field(description="measured on the evaluation set; null when there was none")
    claimed_metrics: dict[str, Any]
    verdict: list[str] = Field(description="what the activation gate said before the version was registered")
    compared_with: dict[str, Any] | None = Field(description="paired difference to the version active then")
    latency: dict[str, Any] | None = Field(description="one_row_us (median) and thousand_rows_ms, in pure Python")
    threshold: float
    schema_: dict[str, Any] = Field(alias="schema")
    provenance: dict[str, Any]
    approvals: list[dict[str, Any]]
    condemnation: dict[str, Any] | None = Field(default=None, description="why it may not serve, with the evidence")
    history: list[dict[str, Any]]


CARD: dict[int, OpenAPIResponse] = {
    200: {
        "description": "The card",
        "content": {kind: {"schema": {"type": "string"}} for kind in ("text/markdown", "text/html")},
    }
}


class Versions(Reply):
    """Every version, newest first."""

    versions: list[Version]
    active_version: str | None
    total_versions: int


class Active(Reply):
    """What is or was live."""

    version: str
    revision: int
    since: str


class ActivateRequest(ChangeRequest):
    """How to activate; `steps` (percent) and `bake_minutes` (of each) are for a canary, the latter for a shadow too."""

    strategy: Strategy = "all_at_once"
    steps: Steps = Field(default=[5, 25, 100])
    bake_minutes: float = Field(default=10.0, ge=0, le=WEEK_MINUTES)


class Approved(Reply):
    """Every approval of a version: by, at, why."""

    version: str
    approvals: list[dict[str, Any]]


class Activated(Reply):
    """What an activation did; one that begins a rollout adds `rollout_id`, `strategy` and `share` (percent)."""

    previous_version: str | None
    new_version: str
    revision: int


class RolledBack(Reply):
    """What a rollback did."""

    previous_version: str
    current_version: str
    revision: int


class DeploymentStep(Reply):
    """One step of a deployment."""

    step: str
    state: Literal["done", "failed"]
    at: str
    detail: str


class Deployment(Reply):
    """What happened to one drop."""

    deployment_id: str
    version: str
    state: str
    created_at: str
    drop_key: str
    drop_sha256: str
    steps: list[DeploymentStep]
    reason: str | None


class DeployRequest(BaseModel):
    """What CI sends: where the model lies, what it is called, what it must hash to; the metrics are claims."""

    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())
    version: str = Field(max_length=64)
    model_url: str = Field(max_length=1100, description="s3://bucket/key in a bucket models may come from")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    description: str = Field(default="", max_length=2000)
    performance_metrics: dict[str, float] = Field(default={}, max_length=50)
    git_commit: str | None = Field(default=None, max_length=200)
    build_id: str | None = Field(default=None, max_length=200)


class Deployments(Reply):
    """Deployments, newest first."""

    deployments: list[Deployment]
