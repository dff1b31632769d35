"""The control plane's application: Powertools' REST resolver with pydantic, our envelope around every error."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from botocore.exceptions import BotoCoreError, ClientError

from fraud.audit import chain
from fraud.clock import parse_rfc3339, rfc3339
from fraud.errors import FraudError, InvalidRequestError, MalformedJsonError, NotFoundError, Problem, UnavailableError
from fraud.http.access import admitted
from fraud.http.envelope import (
    API_PREFIX,
    MAX_BODY_BYTES,
    Event,
    body,
    error_response,
    guarded,
    request_id,
    standard_headers,
)
from fraud.http.origin import origin
from fraud.observability import log
from fraud.strict_json import require_strict

Handler = TypeVar("Handler", bound=Callable[..., Any])
_LOCATIONS = ("body", "query", "path", "header")


class Declared(NamedTuple):
    """A route and the scope it asks for; None for what anybody may call."""

    method: str
    path: str
    scope: str | None


class ControlApp(APIGatewayRestResolver):
    """Routes are declared without the prefix; each says who may call it: `require(scope)` or `public`.

    The caller is admitted before anything of the request is validated, so nobody learns what a body lacks who may
    not send it.
    """

    def __init__(self, *, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        super().__init__(enable_validation=True, strip_prefixes=[API_PREFIX])
        self._caller, self._max_body_bytes = "", max_body_bytes
        self.use(middlewares=[_stamp])
        self.exception_handler(FraudError)(self._refuse)
        self.exception_handler(RequestValidationError)(self._refuse_fields)
        self.exception_handler([BotoCoreError, ClientError])(self._refuse_for_aws)
        self.not_found(self._no_route)

    def answer(self, event: Event, context: object) -> dict[str, Any]:
        """The whole of a Lambda handler: an unforeseen error leaves as a neutral 500."""

        def admit_and_resolve(_: str) -> dict[str, Any]:
            self._caller = self._admit(event)
            chain.origin.set(origin(event))
            return self.resolve(_as_json(event, self._max_body_bytes), context)  # type: ignore[arg-type]

        return guarded(event, admit_and_resolve)

    def require(self, scope: str) -> Callable[[Handler], Handler]:
        """Declare the scope a caller needs; without it the answer is 403."""

        def declare(handler: Handler) -> Handler:
            handler.scope = scope  # type: ignore[attr-defined]
            return handler

        return declare

    def public(self, handler: Handler) -> Handler:
        """Declare that anybody may call."""
        handler.scope = None  # type: ignore[attr-defined]
        return handler

    def declared(self) -> Iterator[Declared]:
        """Every route; raises LookupError naming one that says nothing about who may call it."""
        for route in self._static_routes + self._dynamic_routes:
            if not hasattr(route.func, "scope"):
                raise LookupError(f"{route.method} {route.path} does not say who may call it")
            yield Declared(route.method, route.path, route.func.scope)

    @property
    def caller(self) -> str:
        """The name of the client that calls, for histories and audit."""
        return self._caller

    def _admit(self, event: Event) -> str:
        path = self._remove_prefix(event["path"])
        for route, told in zip(self._static_routes + self._dynamic_routes, self.declared(), strict=True):
            if route.method == event["httpMethod"] and route.rule.match(path):
                return admitted(event, told.scope).name if told.scope else ""
        return ""

    def _refuse(self, error: FraudError) -> Response[str]:
        answer = error_response(error, request_id(self.current_event.raw_event))
        return Response(status_code=answer["statusCode"], headers=answer["headers"], body=answer["body"])

    def _refuse_for_aws(self, error: BotoCoreError | ClientError) -> Response[str]:
        """A service that is away, throttles or denies is no fault of the request; which one is for the log alone."""
        told = {"aws_error": type(error).__name__}
        if isinstance(error, ClientError):
            told = {"aws_error": error.response["Error"]["Code"], "operation": error.operation_name}
        log("aws_refused", level="ERROR", request_id=request_id(self.current_event.raw_event), **told)
        return self._refuse(UnavailableError("a service this needs does not answer or refuses; try again later"))

    def _refuse_fields(self, error: RequestValidationError) -> Response[str]:
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            return self._refuse(MalformedJsonError("the body is not JSON"))
        details = [Problem(_path(one["loc"]), str(one["msg"])) for one in found]
        words = "; ".join(f"{problem['field']}: {problem['problem']}" for problem in details[:3])
        return self._refuse(InvalidRequestError(words, details=details))

    def _no_route(self, _: ServiceError) -> Response[str]:
        event = self.current_event
        return self._refuse(NotFoundError(f"there is no {event.http_method} {event.path}"))


def _as_json(event: Event, max_body_bytes: int) -> dict[str, Any]:
    """The event with its body declared JSON, the one thing this API speaks, whatever a client's default says."""
    require_strict(body(event, max_body_bytes))
    kept = {name: value for name, value in (event.get("headers") or {}).items() if name.lower() != "content-type"}
    return {**event, "headers": {**kept, "content-type": "application/json"}}


def moment(field: str, text: str | None) -> str | None:
    """A query's RFC 3339 moment in UTC with milliseconds; InvalidRequestError naming the field when it is none."""
    try:
        # a '+' in a query arrives as a space
        return rfc3339(parse_rfc3339(text.replace(" ", "+"))) if text else None
    except ValueError as exc:
        problem = Problem(field, "must be an RFC 3339 moment such as 2026-01-31T12:00:00Z")
        raise InvalidRequestError(f"{field} {problem['problem']}", details=[problem]) from exc


def _stamp(app: APIGatewayRestResolver, following: NextMiddleware) -> Response[Any]:
    response: Response[Any] = following(app)
    for name, value in standard_headers(request_id(app.current_event.raw_event)).items():
        response.headers.setdefault(name, value)
    return response


def _path(location: tuple[Any, ...]) -> str:
    parts = location[1:] if location and location[0] in _LOCATIONS else location
    return ".".join(str(part) for part in parts) or "$"
