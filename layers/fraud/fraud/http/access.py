"""Who sends this request: the guard every function of the process shares."""

from functools import cache
from typing import TYPE_CHECKING

from fraud import settings
from fraud.access.client import Client
from fraud.access.guard import Call, Guard
from fraud.access.store import AccessStore
from fraud.access.webhook import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Signature
from fraud.aws.lean.client import lean_client
from fraud.http.envelope import Event, body, header

if TYPE_CHECKING:
    from fraud.access.tokens import Tokens

MOST_BYTES = 10 << 20  # what API Gateway lets through; each route has its own, lower limit


@cache
def guard() -> Guard:
    """The process's guard; it learns its settings when the first request comes."""
    told = settings.read(settings.AccessSettings)
    lean = lean_client(told.aws_region, told.aws_endpoint_url)
    store = AccessStore(lean, told.registry_table, told.nonce_table)
    return Guard(store, lambda: lean.secret_value(told.signing_secret_arn), require_signing=told.require_signing)


@cache
def tokens() -> "Tokens | None":
    """The reader of the issuer's tokens, None without an issuer."""
    told = settings.read(settings.AccessSettings)
    if not told.oidc_issuer:
        return None
    from fraud.access.tokens import Tokens, fetch  # noqa: PLC0415 -- most stacks have no issuer

    return Tokens(told.oidc_issuer, told.oidc_audience, fetch)


def admitted(event: Event, scope: str) -> Client:
    """The client of a request that may do what `scope` names; raises NotAllowedError, NotAuthenticError.

    With an OIDC issuer, a bearer token says who calls; the key beside it counts for API Gateway's plan alone.
    """
    bearer, people = header(event, "authorization") or "", tokens()
    if people and bearer.lower().startswith("bearer "):
        return guard().admit_person(people.client(bearer[7:].strip()), _call(event), scope)
    return guard().admit(_call(event), scope)


def _call(event: Event) -> Call:
    told = [header(event, name) for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)]
    signature = Signature(*(one or "" for one in told)) if any(told) else None
    changes = event["httpMethod"] != "GET"
    return Call(header(event, "x-api-key") or "", changes, signature, lambda: body(event, MOST_BYTES))
