"""Who may call what: every route against every state a key and a signature can be in, through the real handlers."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fraud.access import webhook
from fraud.access.client import digest
from fraud.access.guard import UNSIGNED_SCOPES
from functions.openapi import scopes
from tests.functional.conftest import Stack, go_cold, grant
from tests.unit.test_template import ROUTES as FUNCTIONS

Reply = tuple[int, str]
MASTER = "m4st3r"
DESIGNED = {
    "POST /predict": "predict",
    "POST /predict/batch": "predict",
    "POST /batches": "predict",
    "GET /batches/{batch_id}": "predict",
    "POST /batches/{batch_id}/cancel": "predict",
    "POST /batches/{batch_id}/resume": "predict",
    "GET /batches/{batch_id}/results/{name}": "predict",
    "GET /models/versions": "models:read",
    "GET /models/versions/{version}": "models:read",
    "GET /models/versions/{version}/card": "models:read",
    "GET /models/active": "models:read",
    "POST /models/activate/{version}": "models:write",
    "POST /models/rollback": "models:write",
    "POST /models/versions/{version}/approve": "models:approve",
    "POST /deploy": "models:deploy",
    "GET /deployments": "models:read",
    "GET /deployments/{deployment_id}": "models:read",
    "GET /logs": "logs:read",
    "GET /metrics": "metrics:read",
    "GET /metrics/performance": "metrics:read",
    "GET /metrics/business": "metrics:read",
    "POST /labels": "labels:write",
    "GET /metrics/model": "metrics:read",
    "GET /alerts": "metrics:read",
    "POST /alerts/{alert_id}/ack": "metrics:read",
    "GET /audit": "audit:read",
    "GET /audit/verify": "audit:read",
    "POST /models/versions/{version}/pardon": "models:write",
    "GET /rollouts": "models:read",
    "GET /rollouts/{rollout_id}": "models:read",
    "POST /rollouts/{rollout_id}/abort": "models:write",
    "GET /experiments": "models:write",
    "POST /experiments": "models:write",
    "GET /experiments/{experiment_id}": "models:write",
    "POST /experiments/{experiment_id}/stop": "models:write",
    "GET /health": None,
    "GET /health/live": None,
    "GET /openapi.json": None,
    "GET /docs": None,
}
KEYED = sorted(route for route, scope in scopes().items() if scope)


def test_every_route_asks_for_the_scope_the_contract_gives_it() -> None:
    assert scopes() == DESIGNED


def nameless(route: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in route.split("/"))


def function_of(route: str) -> str:
    """The folder of the function that answers a route."""
    named = {nameless(known): function for known, function in FUNCTIONS.items()}
    return named[nameless(route)].removesuffix("Function").lower()


def event(route: str, key: str | None, body: str = "{}", **headers: str) -> dict[str, Any]:
    """What API Gateway would send for a route."""
    method, path = route.split(" ")
    path = "/api/v1" + "/".join("v9.9.9" if part.startswith("{") else part for part in path.split("/"))
    return {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "headers": {"content-type": "application/json", **({"x-api-key": key} if key else {}), **headers},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": str(uuid.uuid4()), "identity": {"sourceIp": "203.0.113.9"}},
        "body": body if method == "POST" else None,
        "isBase64Encoded": False,
    }


def signature(key: str, body: str, at: float | None = None) -> dict[str, str]:
    secret = webhook.derived_secret(MASTER, digest(key))
    return webhook.headers(secret, f"msg_{uuid.uuid4().hex}", int(at or time.time()), body.encode())


@pytest.fixture
def ask(stack: Stack) -> Callable[..., Reply]:
    """The status and error code of a call."""

    def call(route: str, sent: dict[str, Any]) -> Reply:
        answered = stack.call(function_of(route), sent)
        body = json.loads(answered["body"]) if answered["statusCode"] >= 400 else {}
        return answered["statusCode"], body.get("error", {}).get("code", "")

    return call


@pytest.fixture
def holders(stack: Stack) -> None:
    """A client in every state a key can be in, for every scope: its key is the state and the scope."""
    for scope in {scope for scope in scopes().values() if scope}:
        grant(stack, f"good {scope}", "good", [scope])
        grant(stack, f"expired {scope}", "expired", [scope], not_after=1_600_000_000)
        grant(stack, f"revoked {scope}", "revoked", [scope], revoked_at="2026-01-01T00:00:00.000Z")
        grant(stack, f"signing {scope}", "signing", [scope], signs=True)
    grant(stack, "other", "other", ["none:such"])
    grant(stack, "signing-other", "signing-other", ["none:such"], signs=True)


def states(route: str) -> Iterator[tuple[str, dict[str, Any], Reply | None]]:
    """Each state's name, the call, and the answer it must have (None: neither 401 nor 403)."""
    scope = scopes()[route] or ""
    body = "{}" if route.startswith("POST") else ""
    signing = f"signing {scope}"
    fresh, again = signature(signing, body), signature(signing, body)
    yield "no key", event(route, None), (403, "missing_or_unknown_key")
    yield "bad key", event(route, "made-up"), (403, "missing_or_unknown_key")
    yield "expired", event(route, f"expired {scope}"), (403, "key_expired")
    yield "revoked", event(route, f"revoked {scope}"), (403, "key_revoked")
    yield "wrong scope", event(route, "other"), (403, "insufficient_scope")
    yield "right scope", event(route, f"good {scope}"), None
    yield "unsigned", event(route, signing), (401, "request_not_signed")
    yield "signed", event(route, signing, **fresh), None
    stale = signature(signing, body, time.time() - 400)
    yield "stale", event(route, signing, **stale), (401, "request_signature_stale")
    yield "first", event(route, signing, **again), None
    yield "replayed", event(route, signing, **again), (401, "request_replayed")
    if body:
        tampered = event(route, signing, '{"reason": "mine"}', **signature(signing, body))
        yield "tampered body", tampered, (401, "request_signature_invalid")
    stolen = signature(f"good {scope}", body)
    yield "signed by another key", event(route, signing, **stolen), (401, "request_signature_invalid")
    lacking = signature("signing-other", body)
    yield "signed, wrong scope", event(route, "signing-other", **lacking), (403, "insufficient_scope")


@pytest.mark.usefixtures("holders")
def test_each_state_of_a_key_and_a_signature_has_its_answer(ask: Callable[..., Reply]) -> None:
    wrong = []
    for route in KEYED:
        for name, sent, expected in states(route):
            # WHEN a call in this state arrives
            status, code = ask(route, sent)
            # THEN it gets exactly its answer
            good = status not in (401, 403, 500) if expected is None else (status, code) == expected
            if not good:
                wrong.append((route, name, status, code))
    assert wrong == []


def test_signing_can_be_demanded_of_every_change(
    stack: Stack, ask: Callable[..., Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_SIGNING", "true")
    for route in KEYED:
        if route.startswith("POST") and scopes()[route] not in UNSIGNED_SCOPES:
            assert ask(route, event(route, "admin-key")) == (401, "request_not_signed"), route
            signed = event(route, "admin-key", **signature("admin-key", "{}"))
            assert ask(route, signed)[0] not in (401, 403, 500), route


def test_a_body_is_not_looked_at_before_its_sender_is_known(stack: Stack, ask: Callable[..., Reply]) -> None:
    for route in KEYED:
        assert ask(route, event(route, None, "{")) == (403, "missing_or_unknown_key"), route


def test_a_refused_message_does_not_use_its_id_up(stack: Stack, ask: Callable[..., Reply]) -> None:
    # GIVEN a signed call of a client that lacks the scope
    grant(stack, "signing", "signing", ["none:such"], signs=True)
    sent = event("GET /models/versions", "signing", **signature("signing", ""))
    assert ask("GET /models/versions", sent) == (403, "insufficient_scope")

    # WHEN it gets the scope and sends the same again
    grant(stack, "signing", "signing", ["models:read"], signs=True)
    go_cold()

    # THEN it is the first
    assert ask("GET /models/versions", sent)[0] == 200


def test_an_expired_mark_does_not_stand_in_the_way(stack: Stack, ask: Callable[..., Reply]) -> None:
    # GIVEN a signed call whose id was used long ago, and the row has not been cleaned up yet
    grant(stack, "signing", "signing", ["models:read"], signs=True)
    sent = event("GET /models/versions", "signing", **signature("signing", ""))
    pk = f"{digest('signing')}#{sent['headers']['webhook-id']}"
    stack.dynamodb.put_item(TableName="Nonces", Item={"pk": {"S": pk}, "expires_at": {"N": "1"}, "w": {"B": b"other"}})

    # WHEN it arrives / THEN it counts as new
    assert ask("GET /models/versions", sent)[0] == 200


def test_keys_are_stored_nowhere(stack: Stack, ask: Callable[..., Reply]) -> None:
    grant(stack, "very-secret-key", "acme", ["models:read"])
    ask("GET /models/versions", event("GET /models/versions", "very-secret-key"))
    assert "very-secret-key" not in str([stack.items(name) for name in ("Registry", "Requests", "Nonces")])
