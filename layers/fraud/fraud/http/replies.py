"""What every part of the control plane answers and accepts: pydantic models, the OpenAPI document is made from them."""

from typing import Any, Literal

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel, ConfigDict, Field


class Reply(BaseModel):
    """A reply may gain fields; callers ignore those they do not know."""

    model_config = ConfigDict(extra="allow")


class ChangeRequest(BaseModel):
    """Why a change is made; kept with it for ever."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: str = Field(default="", max_length=500)


def accepted(kind: type[BaseModel]) -> dict[int, OpenAPIResponse]:
    """What a route promises whose work goes on after the answer, 202."""
    return {202: {"description": "Accepted", "content": {"application/json": {"model": kind}}}}


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
