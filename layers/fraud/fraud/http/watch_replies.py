"""What the watching routes answer and accept: metrics, labels, alerts."""

from typing import Any, Literal

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import ConfigDict, Field

from fraud.http.replies import Reply

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


class Decisions(Reply):
    """What was decided."""

    total_transactions: int
    fraud_predictions: int
    fraud_rate: float | None
    high_risk_transactions: int
    high_risk_rate: float | None
    total_amount: float
    fraud_amount: float
    average_amount: float | None
    recommendations: dict[str, int]


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
        default=[], description="figures far from those of the same hour of the week"
    )
