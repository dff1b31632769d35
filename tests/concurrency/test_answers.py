"""I3: every transaction has exactly one decision record, however many ask at once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from fraud.aws.lean import Credentials, LeanClient, Patience
from fraud.packing import pack
from fraud.requests.redaction import Redactor
from fraud.requests.store import RequestStore
from fraud.scoring.batch import BatchScorer
from fraud.scoring.cases import Asked, Outcome
from fraud.scoring.live import LiveModels
from fraud.scoring.prediction import Prediction
from fraud.scoring.recording import Recorder
from fraud.scoring.schema import DEFAULT_FEATURES
from fraud.traffic import routing
from fraud.traffic.routing import Cause, Routing
from fraud.versions.version import ModelVersion
from tests.concurrency.test_activation import made
from tests.functional.models import data, forest, transaction

pytestmark = [pytest.mark.concurrency, pytest.mark.xdist_group("concurrency")]
CALLERS = 50


class OneVersion:
    """A source of one active version."""

    def __init__(self) -> None:
        self._packed = pack(forest(), feature_names=list(DEFAULT_FEATURES)).model

    def routing(self) -> Routing:
        return routing.activation(None, "v1.0.0", Cause("2026-01-01T00:00:00.000Z", "test", "test", "c"))

    def served_before(self, routing: Routing) -> Iterator[str]:
        return iter(())

    def version(self, version: str) -> ModelVersion:
        return made(version)

    def packed(self, version: ModelVersion) -> bytes:
        return self._packed


@pytest.fixture
def scorer(endpoint: str, requests: str) -> Iterator[BatchScorer]:
    """The batch use case on a real table."""
    client = LeanClient(
        "eu-west-1",
        endpoint_url=endpoint,
        credentials=lambda: Credentials("test", "test"),
        patience=Patience(connect_seconds=10.0, read_seconds=20.0, total_seconds=60.0),
    )
    recorder = Recorder(RequestStore(client, requests), Redactor(lambda: "s3cret"), timedelta(days=1), "/predict/batch")
    yield BatchScorer(LiveModels(OneVersion(), cache_size=2, routing_seconds=60), recorder)
    client.close()


def asked(number: int, *bodies: dict[str, Any]) -> list[Asked]:
    return [Asked(json.dumps(body).encode(), f"r-{number}", f"f-{number}-{n}") for n, body in enumerate(bodies)]


def told(outcome: Outcome) -> bytes:
    """An answer without what may differ between callers."""
    assert isinstance(outcome, Prediction), outcome
    return msgspec.json.encode(msgspec.structs.replace(outcome, cache_hit=False))


def test_fifty_callers_with_one_transaction_get_one_answer_and_leave_one_record(
    scorer: BatchScorer, dynamodb: Any, requests: str
) -> None:
    # GIVEN one transaction, and its id with another amount
    one = transaction(data()[0][0], "t-0")
    other = {**one, "amount": one["amount"] + 1}

    # WHEN fifty callers send both at once, each twice in its batch
    calls = [partial(scorer.answers, asked(number, one, other, one, other)) for number in range(CALLERS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        replies = list(pool.map(lambda call: call(), calls))

    # THEN there are two answers in all, each given anew to exactly one caller, and two records
    for position in (0, 1):
        assert len({told(reply[position]) for reply in replies} | {told(reply[position + 2]) for reply in replies}) == 1
        anew = [reply[position] for reply in replies if not getattr(reply[position], "cache_hit", True)]
        assert len(anew) == 1
    assert told(replies[0][0]) != told(replies[0][1])
    assert dynamodb.scan(TableName=requests, ConsistentRead=True)["Count"] == 2
