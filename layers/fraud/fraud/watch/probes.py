"""The checks behind `GET /health`: each asks one dependency one cheap question."""

from collections.abc import Callable, Mapping
from typing import Any

from fraud.errors import NoActiveModelError
from fraud.scoring.live import LiveModels
from fraud.settings import HealthSettings
from fraud.watch.health import FAIL, PASS, WARN, Verdict


def probes(
    dynamodb: Any, s3: Any, models: Callable[[], LiveModels], told: HealthSettings
) -> Mapping[str, Callable[[], Verdict]]:
    """Named checks of the stack's own tables, buckets and active model."""
    return {
        "registry_table": lambda: _table(dynamodb, told.registry_table),
        "requests_table": lambda: _table(dynamodb, told.requests_table),
        "model_bucket": lambda: _bucket(s3, told.model_bucket, "models/"),
        "log_bucket": lambda: _bucket(s3, told.log_bucket, "logs/"),
        "active_model": lambda: _active_model(models()),
    }


def _table(dynamodb: Any, table: str) -> Verdict:
    dynamodb.get_item(TableName=table, Key={"pk": {"S": "HEALTH"}, "sk": {"S": "PROBE"}})
    return Verdict(PASS, "answers")


def _bucket(s3: Any, bucket: str, prefix: str) -> Verdict:
    s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
    return Verdict(PASS, "answers")


def _active_model(models: LiveModels) -> Verdict:
    """The active version loads, and scores its own median row to a probability."""
    try:
        model = models.active()
    except NoActiveModelError as none:
        return Verdict(WARN, none.message)
    probability = model.packed.score(list(model.medians))
    if not 0.0 <= probability <= 1.0:
        return Verdict(FAIL, f"{model.version} scores {probability} on its median row")
    if models.degraded:
        return Verdict(WARN, models.degraded)
    return Verdict(PASS, f"{model.version} loads and scores")
