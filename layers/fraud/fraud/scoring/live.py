"""Which models answer now: a cached routing record and the last few models, loaded and checked before use."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol

from fraud.aws.lean.errors import LeanError
from fraud.errors import FraudError, NoActiveModelError, UnavailableError
from fraud.observability import log, metrics
from fraud.scoring.packed.model import PackedModel
from fraud.scoring.schema import RowReader, Schema
from fraud.scoring.transaction import Transaction
from fraud.traffic.routing import SHADOW, Routing
from fraud.versions.version import ModelVersion

EARLIER = 2  # versions that are tried where the active one cannot be loaded


class ServingModel:
    """A version ready to score."""

    def __init__(self, record: ModelVersion, packed: PackedModel) -> None:
        self.version = record.version
        self.thresholds = record.thresholds
        self.schema: Schema = record.schema
        self.names = record.schema.names
        self.medians = record.schema.medians
        self.reader = RowReader(record.schema)
        self.packed = packed


class Lineup:
    """The models of one routing record: the active one and, unless it is a shadow, the candidate."""

    def __init__(self, routing: Routing, active: ServingModel, candidate: ServingModel | None) -> None:
        self.routing, self.active, self.candidate = routing, active, candidate

    def answering(self, asked: Transaction) -> ServingModel:
        """Who answers a transaction: the same for all of its entity (without one, for it alone)."""
        if self.candidate is None:
            return self.active
        version = self.routing.version_for(asked.entity_id or asked.transaction_id)
        return self.candidate if version == self.candidate.version else self.active


class Source(Protocol):
    """Where records and bytes come from (`scoring.store`)."""

    def routing(self) -> Routing | None: ...
    def served_before(self, routing: Routing) -> Iterator[str]: ...
    def version(self, version: str) -> ModelVersion: ...
    def packed(self, version: ModelVersion) -> bytes: ...


class LiveModels:
    """The models that answer, at most `routing_seconds` behind the registry; at most `cache_size` (2) models are kept.

    A warm instance keeps answering with what it last knew when the registry cannot be read or the new version
    cannot be loaded; a cold one answers with what served before it. `degraded` then says why. A candidate that cannot
    be loaded answers nothing. Nothing is ever scored by a model that failed a check.
    """

    def __init__(
        self,
        source: Source,
        *,
        cache_size: int,
        routing_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._cache_size, self._routing_seconds = source, max(cache_size, 2), routing_seconds
        self._monotonic = monotonic
        self._models: OrderedDict[str, ServingModel] = OrderedDict()
        self._lineup: Lineup | None = None
        self._fresh_until = float("-inf")
        self.degraded: str | None = None

    def lineup(self) -> Lineup:
        """The models to score with; raises NoActiveModelError, or UnavailableError when none was ever loaded."""
        if self._lineup is None or self._monotonic() >= self._fresh_until:
            self._refresh()
        if self._lineup is None:
            raise NoActiveModelError
        return self._lineup

    def active(self) -> ServingModel:
        """The active model; raises as `lineup` does."""
        return self.lineup().active

    def _refresh(self) -> None:
        try:
            routing = self._source.routing()
            self._lineup, self.degraded = self._read(routing) if routing else (None, None)
        except (FraudError, LeanError) as error:
            if self._lineup is None:
                raise UnavailableError(f"no model can be loaded: {error}", code="model_unavailable") from error
            self.degraded = f"serving the last known version: {error}"
        if self._lineup and self.degraded:
            version = self._lineup.active.version
            log("not_the_active_version", level="ERROR", version=version, why=self.degraded)
            metrics({"StaleRouting": (1, "count")}, version=version)
        self._fresh_until = self._monotonic() + self._routing_seconds

    def _read(self, routing: Routing) -> tuple[Lineup, str | None]:
        try:
            return Lineup(routing, self.load(routing.active), self._candidate(routing)), None
        except (FraudError, LeanError) as error:
            if self._lineup:
                raise
            return Lineup(routing, self._last_good(routing, error), None), f"serving what served before: {error}"

    def _last_good(self, routing: Routing, error: FraudError | LeanError) -> ServingModel:
        for version in islice(self._source.served_before(routing), EARLIER):
            try:
                return self.load(version)
            except (FraudError, LeanError) as refused:
                log("earlier_version_not_loaded", level="ERROR", version=version, code=refused.code)
        raise error

    def _candidate(self, routing: Routing) -> ServingModel | None:
        split = routing.split
        if split is None or split.strategy == SHADOW:
            return None
        try:
            return self.load(split.candidate)
        except (FraudError, LeanError) as error:
            log("candidate_not_loaded", level="ERROR", version=split.candidate, code=error.code)
            return None

    def load(self, version: str) -> ServingModel:
        """The version's model from the cache, else fetched, hash-checked and validated."""
        model = self._models.get(version)
        if model is None:
            record = self._source.version(version)
            model = ServingModel(record, PackedModel.from_bytes(self._source.packed(record)))
            self._models[version] = model
            while len(self._models) > self._cache_size:
                self._models.popitem(last=False)
            log("model_loaded", version=version, family=record.family, packed_bytes=record.packed_bytes)
        self._models.move_to_end(version)
        return model
