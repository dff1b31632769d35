"""What each function is told by its environment; read once at start-up, passed down from there."""

import os
from typing import Literal, TypeVar

import msgspec


class Settings(msgspec.Struct, kw_only=True, rename=str.upper):
    """Settings every function has."""

    aws_region: str
    aws_endpoint_url: str | None = None
    stage: str = "dev"
    registry_table: str


class AccessSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of every function that answers callers."""

    nonce_table: str
    signing_secret_arn: str
    require_signing: bool = False
    oidc_issuer: str = ""
    oidc_audience: str = ""


class PredictSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `predict`."""

    requests_table: str
    model_bucket: str
    token_secret_arn: str
    privacy_policy: str = ""
    log_failure_policy: Literal["fail_closed", "serve_and_queue"] = "fail_closed"
    spool_queue_url: str = ""
    routing_cache_seconds: float = 5.0
    model_cache_size: int = 3
    log_retention_days: int = 30


class BatchSettings(PredictSettings, kw_only=True, rename=str.upper):
    """Settings of `batch`."""

    batch_queue_url: str


class SpoolSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `spool`."""

    requests_table: str


class ModelsSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `models`."""

    predict_function: str


class RolloutSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `rollout`."""

    requests_table: str
    model_bucket: str
    watch_table: str
    metrics_retention_days: int = 30
    auto_rollback_f1: float = 0.7


class ShadowSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `shadow`."""

    model_bucket: str
    model_cache_size: int = 3


class DeploySettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `deploy`."""

    model_bucket: str
    model_source_bucket: str = ""
    require_signature: bool = False
    auto_activate_f1: float = 0.85


class AuditSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `audit`."""

    audit_bucket: str
    alert_topic_arn: str


class EventsSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `events`."""

    event_bus: str
    watch_table: str
    alert_topic_arn: str
    signing_secret_arn: str


class HealthSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `health`."""

    requests_table: str
    model_bucket: str
    log_bucket: str
    watch_table: str
    alert_topic_arn: str
    dead_letter_queues: str = ""
    metrics_retention_days: int = 30
    auto_rollback_f1: float = 0.7
    base_fraud_rate: float = 0.0017
    fraud_rate_low: float = 0.001
    fraud_rate_high: float = 0.2
    alert_cooldown_minutes: int = 15
    alert_rules: str = ""


class AlertsSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `alerts`."""

    alert_secret_arn: str = ""


class MonitoringSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `monitoring`."""

    requests_table: str
    log_bucket: str
    watch_table: str
    metrics_retention_days: int = 30


class FeedbackSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `feedback`."""

    requests_table: str
    watch_table: str


class ArchiveSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `archive`."""

    log_bucket: str
    watch_table: str
    metrics_retention_days: int = 30
    high_risk_score: float = 70.0
    custom_metrics: str = ""


class BatchesSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `batches`."""

    batches_table: str
    batch_bucket: str
    steps_queue_url: str
    log_retention_days: int = 30


class SplitSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `split`."""

    batches_table: str
    batch_bucket: str
    parts_queue_url: str
    steps_queue_url: str


class ScoreSettings(PredictSettings, kw_only=True, rename=str.upper):
    """Settings of `score`."""

    batches_table: str
    batch_bucket: str
    steps_queue_url: str


class PackSettings(Settings, kw_only=True, rename=str.upper):
    """Settings of `pack`."""

    model_bucket: str
    require_signature: bool = False


def allowed_origins() -> tuple[str, ...]:
    """The browser origins that may call and read answers (CORS), separated by commas in the variable."""
    return tuple(one for one in os.environ.get("ALLOWED_ORIGINS", "").split(",") if one)


def approval_required() -> bool:
    """Whether a version must be approved before it goes live.

    Asked where the registry is made, not passed down, so that no way to activate can forget it.
    """
    return os.environ.get("REQUIRE_APPROVAL") == "true"


AnySettings = TypeVar("AnySettings", bound=Settings)


def read(kind: type[AnySettings]) -> AnySettings:
    """The settings of one function; raises msgspec.ValidationError naming a missing or wrong variable."""
    return msgspec.convert(dict(os.environ), kind, strict=False)
