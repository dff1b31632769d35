"""Who sends this request: the guard every function of the process shares."""

from functools import cache

from fraud import settings
from fraud.access.client import Client
from fraud.access.guard import Call, Guard
from fraud.access.store import AccessStore
from fraud.access.webhook import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Signature
from fraud.aws.lean.client import lean_client
from fraud.http.envelope import Event, body, header

MOST_BYTES = 10 << 20  # what API Gateway lets through; each route has its own, lower limit


@cache
def guard() -> Guard:
    """The process's guard; it learns its settings when the first request comes."""
    told = settings.read(settings.AccessSettings)
    lean = lean_client(told.aws_region, told.aws_endpoint_url)
    store = AccessStore(lean, told.registry_table, told.nonce_table)
    return Guard(store, lambda: lean.secret_value(told.signing_secret_arn), require_signing=told.require_signing)


def admitted(event: Event, scope: str) -> Client:
    """The client of a request that may do what `scope` names; raises NotAllowedError, NotAuthenticError."""
    return guard().admit(_call(event), scope)


def _call(event: Event) -> Call:
    told = [header(event, name) for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)]
    signature = Signature(*(one or "" for one in told)) if any(told) else None
    changes = event["httpMethod"] != "GET"
    return Call(header(event, "x-api-key") or "", changes, signature, lambda: body(event, MOST_BYTES))
