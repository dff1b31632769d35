"""An alert fires once per cooldown however many ticks see it at once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraud.watch.alert_store import AlertStore
from fraud.watch.rules import Rule
from tests.concurrency.conftest import THREADS
from tests.tables import table

RULE = Rule(name="errors", metric="error_rate", comparison=">", threshold=0.05)
COOLDOWN = timedelta(minutes=15)


@pytest.mark.concurrency
def test_sixteen_ticks_at_once_tell_people_once_a_cooldown_and_once_of_the_recovery(
    registry: Any, dynamodb: Any
) -> None:
    # GIVEN sixteen ticks in every minute of forty, the last five of them well again
    name = f"Watch-{uuid.uuid4().hex}"
    dynamodb.create_table(**{**table("Watch"), "TableName": name})
    store, start = AlertStore(dynamodb, name), datetime(2026, 11, 22, 12, tzinfo=UTC)

    def minute(number: int) -> int:
        value = 0.9 if number < 35 else 0.0
        at = start + timedelta(minutes=number)
        with ThreadPoolExecutor(THREADS) as pool:
            told = list(pool.map(lambda _: store.settle(RULE, value, at, COOLDOWN), range(THREADS)))
        return sum(alert is not None for alert in told)

    # WHEN each looks
    told = {number: minute(number) for number in (0, 1, 14, 15, 29, 30, 35, 36)}

    # THEN one tells in minute 0, 15 and 30, and one of the recovery
    assert told == {0: 1, 1: 0, 14: 0, 15: 1, 29: 0, 30: 1, 35: 1, 36: 0}
    [alert] = store.alerts(10)
    assert (alert.state, alert.notifications) == ("recovered", 3)
