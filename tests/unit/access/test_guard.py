"""The guard's memory: how long a client stays known, and what happens when the table cannot be read."""

import pytest

from fraud.access.client import Client, digest
from fraud.access.guard import CACHED_CLIENTS, Call, Guard
from fraud.access.webhook import Signature
from fraud.errors import FraudError, UnavailableError


class Clients:
    """Clients in memory, which can be cut off."""

    def __init__(self, **known: Client) -> None:
        self.known = {digest(key): client for key, client in known.items()}
        self.down, self.asked = False, 0

    def client(self, key_digest: str) -> Client | None:
        self.asked += 1
        if self.down:
            raise UnavailableError("no answer")
        return self.known.get(key_digest)

    def remember(self, key_digest: str, message_id: str, until: int) -> bool:
        raise AssertionError("nothing here is signed")


class Clock:
    """Seconds that pass when told."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def call(key: str = "acme", signature: Signature | None = None, changes: bool = False) -> Call:
    return Call(key, changes, signature, lambda: b"")


@pytest.fixture
def clients() -> Clients:
    return Clients(acme=Client("acme", ("predict",)), boss=Client("boss", ("*",)))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(clients: Clients, clock: Clock) -> Guard:
    return Guard(clients, lambda: "master", monotonic=clock)


def refused(guard: Guard, asked: Call, scope: str = "predict") -> str:
    with pytest.raises(FraudError) as caught:
        guard.admit(asked, scope)
    return caught.value.code


def test_a_client_is_read_once_a_minute(guard: Guard, clients: Clients, clock: Clock) -> None:
    for _ in range(10):
        assert guard.admit(call(), "predict").name == "acme"
    assert clients.asked == 1
    clock.seconds += 60
    guard.admit(call(), "predict")
    assert clients.asked == 2


def test_a_revocation_is_obeyed_within_a_minute(guard: Guard, clients: Clients, clock: Clock) -> None:
    guard.admit(call(), "predict")
    clients.known[digest("acme")] = Client("acme", ("predict",), revoked_at="2026-01-01T00:00:00.000Z")
    clock.seconds += 60
    assert refused(guard, call()) == "key_revoked"


def test_expiry_is_obeyed_at_once(guard: Guard, clients: Clients) -> None:
    clients.known[digest("acme")] = Client("acme", ("predict",), not_after=1)
    assert refused(guard, call()) == "key_expired"


def test_with_the_table_away_only_clients_seen_before_are_let_in(guard: Guard, clients: Clients, clock: Clock) -> None:
    # GIVEN one client was seen, and the table goes away for hours
    guard.admit(call(), "predict")
    clients.down = True
    clock.seconds += 10_000
    # WHEN both call / THEN one is known, the other cannot be
    assert guard.admit(call(), "predict").name == "acme"
    assert refused(guard, call("boss")) == "dependency_unavailable"


def test_a_table_that_is_away_is_not_asked_by_every_call(guard: Guard, clients: Clients, clock: Clock) -> None:
    guard.admit(call(), "predict")
    clients.down = True
    clock.seconds += 61
    for _ in range(10):
        guard.admit(call(), "predict")
    assert clients.asked == 2
    clock.seconds += 5
    guard.admit(call(), "predict")
    assert clients.asked == 3


def test_a_client_that_is_gone_is_forgotten(guard: Guard, clients: Clients, clock: Clock) -> None:
    guard.admit(call(), "predict")
    clients.known.clear()
    clock.seconds += 60
    assert refused(guard, call()) == "missing_or_unknown_key"
    clients.down = True
    assert refused(guard, call()) == "dependency_unavailable"


def test_no_number_of_clients_fills_the_memory(clock: Clock) -> None:
    clients = Clients(**{f"k{number}": Client("acme", ("predict",)) for number in range(CACHED_CLIENTS + 5)})
    guard = Guard(clients, lambda: "master", monotonic=clock)
    for number in range(CACHED_CLIENTS + 5):
        guard.admit(call(f"k{number}"), "predict")
    assert len(guard._known) == CACHED_CLIENTS
    guard.admit(call("k0"), "predict")
    assert clients.asked == CACHED_CLIENTS + 6


def test_signing_can_be_demanded_of_changes_alone(clients: Clients) -> None:
    guard = Guard(clients, lambda: "master", require_signing=True)
    assert refused(guard, call("boss", changes=True), "models:write") == "request_not_signed"
    assert guard.admit(call("boss"), "models:read").name == "boss"
    assert guard.admit(call("acme", changes=True), "predict").name == "acme"
