"""The parts every function that scores is made of, put together from its settings."""

from datetime import timedelta

from fraud.aws.lean.client import lean_client
from fraud.requests.redaction import Redactor, policy
from fraud.requests.spool import Spool
from fraud.requests.store import RequestStore
from fraud.scoring.live import LiveModels
from fraud.scoring.recording import Recorder
from fraud.scoring.store import ServingStore
from fraud.settings import PredictSettings


class Parts:
    """One client, one model cache and one log of a process."""

    def __init__(self, told: PredictSettings) -> None:
        self.client = lean_client(told.aws_region, told.aws_endpoint_url)
        self.models = LiveModels(
            ServingStore(self.client, told.registry_table, told.model_bucket),
            cache_size=told.model_cache_size,
            routing_seconds=told.routing_cache_seconds,
        )
        self._store = RequestStore(self.client, told.requests_table)
        self._redactor = Redactor(lambda: self.client.secret_value(told.token_secret_arn), policy(told.privacy_policy))
        self._retention = timedelta(days=told.log_retention_days)
        queued = told.log_failure_policy == "serve_and_queue"
        self._spool = Spool(self.client, told.spool_queue_url) if queued else None

    def recorder(self, endpoint: str) -> Recorder:
        """The log as one endpoint writes it."""
        return Recorder(self._store, self._redactor, self._retention, endpoint, self._spool)
