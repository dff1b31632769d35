"""What the watching routes answer and accept: metrics, labels, alerts."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, model_validator

from fraud.clock import now, parse_rfc3339, rfc3339
from fraud.http.replies import Check, Reply

State = Literal["ok", "no_data"]
PROMETHEUS: dict[int, OpenAPIResponse] = {
    200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


class LatencyMs(Reply):
    """Milliseconds; null when nothing was answered."""

    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    min: float | None
    max: float | None


class Traffic(Reply):
    """How requests went."""

    total_requests: int
    successful_requests: int
    failed_requests: int
    success_rate: float | None
    latency_ms: LatencyMs


class CustomFigure(Reply):
    """How many answered transactions fulfilled the conditions of an operator's own metric, and their share."""

    count: int
    rate: float | None


class Decisions(Reply):
    """What was decided; `custom` holds the metrics of `CustomMetrics` by name."""

    total_transactions: int
    fraud_predictions: int
    fraud_rate: float | None
    high_risk_transactions: int
    high_risk_rate: float | None
    total_amount: float
    fraud_amount: float
    average_amount: float | None
    recommendations: dict[str, int]
    custom: dict[str, CustomFigure]


class Window(Reply):
    """The span a report is about: whole hours, the present one included. "No recent data" is a state."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)
    state: State
    message: str | None
    window_hours: int
    since: str = Field(alias="from")
    to: str


class HourlyTraffic(Traffic):
    """One hour's."""

    hour: str


class HourlyDecisions(Decisions):
    """One hour's."""

    hour: str


class Performance(Window, Traffic):
    """Requests and latencies."""

    per_hour: list[HourlyTraffic]
    errors: dict[str, int] = Field(description="failed requests by error code")
    statuses: dict[str, int]
    by_version: dict[str, Traffic]
    by_endpoint: dict[str, Traffic]


class Business(Window, Decisions):
    """Transactions, frauds, amounts."""

    per_hour: list[HourlyDecisions]
    by_version: dict[str, Decisions]
    by_endpoint: dict[str, Decisions]
    anomalies: list[dict[str, Any]] = Field(
        default=[], description="figures of the last whole hour far from those of the same hour of other weeks"
    )


def _moment(text: str) -> str:
    """RFC 3339 in UTC with milliseconds; a report cannot be of the future (a day is left to wrong clocks)."""
    at = parse_rfc3339(text)
    if at > now() + timedelta(days=1):
        raise ValueError("lies in the future")
    return rfc3339(at)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable characters")
    return text


class LabelRequest(BaseModel):
    """One label. The same again changes nothing; a later one of the same source corrects it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    transaction_id: Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_printable)]
    is_fraud: bool
    source: Literal["chargeback", "analyst", "customer"]
    reported_at: Annotated[str, AfterValidator(_moment)] | None = Field(
        default=None, description="RFC 3339; default: now"
    )


class LabelsRequest(RootModel[Annotated[list[LabelRequest], Field(min_length=1, max_length=500)]]):
    """A list of labels; a single one may stand for a list of one."""

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, body: object) -> object:
        return [body] if isinstance(body, dict) else body


class LabelState(Reply):
    """What became of one label."""

    transaction_id: str
    state: Literal["joined", "unknown_transaction", "duplicate"]


class Labels(Reply):
    """What became of the labels; unknown transactions are joined once they appear."""

    accepted: int
    joined: int = 0
    unknown_transaction: int = 0
    duplicate: int = 0
    labels: list[LabelState]


class Model(Reply):
    """The active version: checks, drift of what it sees, quality of what it decided."""

    state: State
    message: str | None
    active_version: str | None
    health: Literal["healthy", "degraded", "unhealthy"] | None
    checks: list[Check]
    drift: dict[str, Any] | None = Field(
        description="features by what moves the score most; PSI, critical and p-values"
    )
    quality: dict[str, Any] | None = Field(description="by version: realised beside estimated; maturity by source")


class Alert(Reply):
    """One time that a rule was broken, or a change people must hear of; `reason` says why in words."""

    id: str
    rule: str
    severity: str
    state: Literal["firing", "recovered"]
    metric: str
    value: float
    threshold: float
    opened_at: str
    notified_at: str
    notifications: int
    recovered_at: str | None
    acknowledged_at: str | None
    acknowledged_by: str | None
    reason: str = ""


class Alerts(Reply):
    """Alerts, newest first."""

    alerts: list[Alert]
