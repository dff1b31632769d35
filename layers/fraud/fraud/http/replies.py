"""What the control plane answers and accepts: pydantic models, from which the OpenAPI document is made."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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


class Reply(BaseModel):
    """A reply may gain fields; callers ignore those they do not know."""

    model_config = ConfigDict(extra="allow")


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


def accepted(kind: type[BaseModel]) -> dict[int, OpenAPIResponse]:
    """What a route promises whose work goes on after the answer, 202."""
    return {202: {"description": "Accepted", "content": {"application/json": {"model": kind}}}}


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


class ChangeRequest(BaseModel):
    """Why a change is made; kept with it for ever."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: str = Field(default="", max_length=500)


class ActivateRequest(ChangeRequest):
    """How to activate; `steps` (percent) and `bake_minutes` (of each) are for a canary, the latter for a shadow too."""

    strategy: Strategy = "all_at_once"
    steps: Steps = [5, 25, 100]
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


class BulkRequest(BaseModel):
    """What to score: rows, or an object in the batch bucket; the first is checked row by row while it is scored."""

    model_config = ConfigDict(extra="forbid", strict=True)
    transactions: list[Any] | None = Field(default=None, description="1 to 10,000 transactions")
    input: str | None = Field(
        default=None, max_length=1100, description="s3://batch-bucket/incoming/….csv|.ndjson|.parquet"
    )


class BulkResults(Reply):
    """Where results are."""

    location: str
    manifest: str | None = Field(description="there once every part is")


class Bulk(Reply):
    """How far a bulk batch is; `done` rows have an answer, `failed` rows were refused."""

    batch_id: str
    state: Literal["queued", "splitting", "running", "done", "failed", "cancelled"]
    total: int = Field(description="rows found so far; all of them from `running` on")
    done: int
    failed: int
    rows_per_second: float
    eta_seconds: float | None
    results: BulkResults
    input: str
    model_version: str
    created_at: str
    finished_at: str | None
    reason: str | None


RESULT: dict[int, OpenAPIResponse] = {302: {"description": "Where the file can be read for 15 minutes"}}


class Logs(Reply):
    """Request records, newest first."""

    logs: list[dict[str, Any]]
    next_cursor: str | None


class Check(Reply):
    """One named health check."""

    name: str
    status: Literal["pass", "warn", "fail"]
    detail: str
    duration_ms: float
    severity: Literal["none", "warning", "critical"]
    value: float | None
    threshold: float | None


class Health(Reply):
    """The state of the system."""

    status: Literal["healthy", "degraded", "unhealthy"]
    active_version: str | None
    checks: list[Check]
    at: str


class Live(Reply):
    """The function answers."""

    status: Literal["alive"]


class AuditEntry(Reply):
    """One control action; `position` is where it lies, its other fields are what its hash is over."""

    position: int
    sequence: int | None = None
    at: str | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    details: dict[str, Any] | None = None
    origin: str | None = None
    previous_hash: str | None = None
    hash: str | None = None


class Audit(Reply):
    """Control actions, newest first."""

    entries: list[AuditEntry]
    next_cursor: str | None


class AuditFinding(Reply):
    """What is wrong with which entry."""

    sequence: int
    kind: Literal["edited", "deleted", "reordered", "truncated", "appended", "checkpoint"]
    words: str


class AuditProof(Reply):
    """Whether the chain holds, and what it was held against."""

    intact: bool
    entries: int
    findings: list[AuditFinding]
    head: dict[str, Any] | None
    checkpoints: list[dict[str, Any]]
    at: str
