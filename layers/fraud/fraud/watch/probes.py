"""The checks behind `GET /health`: each asks one dependency, or what was counted, one cheap question."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any

from fraud.clock import now
from fraud.errors import NoActiveModelError
from fraud.scoring.live import LiveModels
from fraud.settings import HealthSettings
from fraud.watch import indicators
from fraud.watch.cells import Cell
from fraud.watch.counter_store import CounterStore
from fraud.watch.health import FAIL, PASS, WARN, Verdict
from fraud.watch.summary_store import DRIFT, QUALITY, UNUSUAL, SummaryStore

Checks = Mapping[str, Callable[[], Verdict]]
LATELY, LONGER = timedelta(minutes=15), timedelta(hours=6)


class Probes:
    """What one examination looks at; each thing is read once."""

    def __init__(self, clients: Callable[[str], Any], models: LiveModels, told: HealthSettings) -> None:
        self._clients, self._models, self._told = clients, models, told
        self._counters = CounterStore(
            clients("dynamodb"), told.watch_table, timedelta(days=told.metrics_retention_days)
        )
        self._bounds = indicators.FraudBounds(told.base_fraud_rate, told.fraud_rate_low, told.fraud_rate_high)

    def checks(self, active: Callable[[], str | None]) -> Checks:
        """Named checks of the stack's own tables, buckets, queues, active model, and of how it does."""
        told = self._told
        return {
            "registry_table": lambda: self._table(told.registry_table),
            "requests_table": lambda: self._table(told.requests_table),
            "watch_table": lambda: self._table(told.watch_table),
            "model_bucket": lambda: self._bucket(told.model_bucket, "models/"),
            "log_bucket": lambda: self._bucket(told.log_bucket, "logs/"),
            "active_model": self._active_model,
            "archive_lag": lambda: indicators.archive_lag(self._counters.lag_seconds()),
            "queues": lambda: indicators.dead_letters(self._depths()),
            "error_rate": lambda: indicators.error_rate(self.lately),
            "latency_p99": lambda: indicators.latency_p99(self.lately),
            "fraud_rate": lambda: indicators.fraud_rate(self._counted(LONGER), self._bounds),
            "business": lambda: indicators.business(self._summaries.get(UNUSUAL)),
            "drift": lambda: indicators.drift(self._summaries.get(DRIFT), active()),
            "label_quality": lambda: indicators.label_quality(
                self._summaries.get(QUALITY), active(), told.auto_rollback_f1
            ),
        }

    @cached_property
    def lately(self) -> Cell:
        """What was counted in the last quarter of an hour."""
        return self._counted(LATELY)

    @cached_property
    def _summaries(self) -> dict[str, dict[str, Any]]:
        return SummaryStore(self._clients("dynamodb"), self._told.watch_table).found()

    def _counted(self, span: timedelta) -> Cell:
        return self._counters.figures(now() - span, now())

    def _table(self, table: str) -> Verdict:
        self._clients("dynamodb").get_item(TableName=table, Key={"pk": {"S": "HEALTH"}, "sk": {"S": "PROBE"}})
        return Verdict(PASS, "answers")

    def _bucket(self, bucket: str, prefix: str) -> Verdict:
        self._clients("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        return Verdict(PASS, "answers")

    def _depths(self) -> dict[str, int]:
        return {url.rsplit("/", 1)[-1]: self._depth(url) for url in self._told.dead_letter_queues.split(",") if url}

    def _depth(self, url: str) -> int:
        asked = ["ApproximateNumberOfMessages"]
        found = self._clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=asked)
        return int(found["Attributes"][asked[0]])

    def _active_model(self) -> Verdict:
        """The active version loads, and scores its own median row to a probability."""
        try:
            model = self._models.active()
        except NoActiveModelError as none:
            return Verdict(WARN, none.message)
        probability = model.packed.score(list(model.medians))
        if not 0.0 <= probability <= 1.0:
            return Verdict(FAIL, f"{model.version} scores {probability} on its median row")
        if self._models.degraded:
            return Verdict(WARN, self._models.degraded)
        return Verdict(PASS, f"{model.version} loads and scores")
