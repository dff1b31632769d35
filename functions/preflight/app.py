"""preflight: what a browser asks before it calls. It needs no key, so the function that answers has no rights."""

from typing import Any

from fraud.http.envelope import Response, guarded, standard_headers

HEADERS = "Authorization,Content-Type,X-Api-Key,X-Request-Id,X-Rescore,Webhook-Id,Webhook-Timestamp,Webhook-Signature"
ALLOWED = {
    "Access-Control-Allow-Methods": "GET,POST",
    "Access-Control-Allow-Headers": HEADERS,
    "Access-Control-Max-Age": "600",
}


def handler(event: dict[str, Any], context: object) -> Response:
    return guarded(
        event, lambda request: {"statusCode": 204, "headers": {**standard_headers(request), **ALLOWED}, "body": ""}
    )
