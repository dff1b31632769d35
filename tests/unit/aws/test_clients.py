"""Timeouts and retries of the boto3 clients, against what the template gives the functions."""

import socket
from collections.abc import Iterator

import pytest
from botocore.exceptions import EndpointConnectionError

from fraud.aws.clients import CONFIG, client
from fraud.aws.lean.retry import Patience
from tests.tables import TEMPLATE

FUNCTION = "AWS::Serverless::Function"
PAUSE_SECONDS = 2.0  # the longest of standard mode's pauses here, before the third attempt


def shortest_timeout() -> float:
    """Seconds the function with the least time has."""
    usual = TEMPLATE["Globals"]["Function"]["Timeout"]
    functions = [one["Properties"] for one in TEMPLATE["Resources"].values() if one["Type"] == FUNCTION]
    return float(min(one.get("Timeout", usual) for one in functions))


def test_a_call_nobody_answers_gives_up_before_the_shortest_function_would() -> None:
    attempts = CONFIG.retries["total_max_attempts"]  # type: ignore[attr-defined]
    silent = attempts * (CONFIG.connect_timeout + CONFIG.read_timeout)  # type: ignore[attr-defined]
    assert silent + (attempts - 1) * PAUSE_SECONDS < shortest_timeout()


def test_a_lean_call_nobody_answers_leaves_time_for_three_more() -> None:
    patience = Patience()
    longest = patience.total_seconds + patience.connect_seconds + patience.read_seconds
    assert 3 * longest < shortest_timeout()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port nobody listens on: held, so that nobody takes it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_retries_are_the_standard_mode_and_bounded(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a service that refuses every connection
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setattr("time.sleep", lambda _: None)
    attempts: list[object] = []
    client.cache_clear()
    made = client("dynamodb")
    made.meta.events.register("before-send.dynamodb.*", lambda **sent: attempts.append(sent["request"]))

    # WHEN
    with pytest.raises(EndpointConnectionError):
        made.list_tables()

    # THEN
    client.cache_clear()
    assert made.meta.config.retries["mode"] == "standard"
    assert len(attempts) == 3
