"""Every error leaves as one envelope; request ids are kept; nothing internal is told."""

import base64
import json
from typing import Any

import pytest

from fraud.errors import NoActiveModelError, VersionNotFoundError
from fraud.http.envelope import MAX_BODY_BYTES, Response, body, guarded, request_id, respond

ALLOW = "Access-Control-Allow-Origin"


def event(**headers: str) -> dict[str, Any]:
    return {"headers": headers, "requestContext": {"requestId": "gateway-1"}, "body": None}


def test_a_callers_request_id_is_kept_when_it_is_printable() -> None:
    assert request_id(event(**{"X-Request-Id": "mine"})) == "mine"
    assert request_id(event(**{"x-request-id": "a\nb"})) == "gateway-1"
    assert request_id(event(**{"x-request-id": "x" * 129})) == "gateway-1"
    assert request_id({**event(), "headers": None}) == "gateway-1"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(VersionNotFoundError("v1.0.0"), 404, "version_not_found"), (NoActiveModelError(), 503, "no_active_model")],
)
def test_a_known_error_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    def answer(request: str) -> Response:
        raise error

    response = guarded(event(), answer)
    told = json.loads(response["body"])["error"]
    assert (response["statusCode"], told["code"], told["request_id"]) == (status, code, "gateway-1")
    assert ("Retry-After" in response["headers"]) == (status == 503)


def test_an_unforeseen_error_tells_the_caller_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(request: str) -> Response:
        raise RuntimeError("card 4111111111111111")

    response = guarded(event(), answer)
    assert response["statusCode"] == 500
    assert json.loads(response["body"])["error"]["code"] == "internal_error"
    assert "4111" not in response["body"] + capsys.readouterr().out


def test_a_base64_body_is_decoded_and_a_broken_one_is_malformed() -> None:
    sent = {**event(), "isBase64Encoded": True, "body": base64.b64encode(b"{}").decode()}
    assert body(sent) == b"{}"
    broken = guarded({**event(), "isBase64Encoded": True, "body": "%%%"}, lambda _: respond(200, body({
        **event(), "isBase64Encoded": True, "body": "%%%"}), "r"))  # fmt: skip
    assert broken["statusCode"] == 400


def test_a_response_carries_the_request_id_and_may_not_be_cached() -> None:
    headers = respond(200, {"a": 1.5}, "r-1")["headers"]
    assert (headers["X-Request-Id"], headers["Cache-Control"]) == ("r-1", "no-store")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_body_above_one_mebibyte_is_too_large() -> None:
    sent = {**event(), "body": "x" * (MAX_BODY_BYTES + 1)}
    refused = guarded(sent, lambda request: respond(200, body(sent).decode(), request))
    assert (refused["statusCode"], json.loads(refused["body"])["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("listed", "origin", "expected"),
    [
        ("", "https://a.example", {}),
        ("https://a.example", None, {"Vary": "Origin"}),
        ("https://a.example", "https://evil.example", {"Vary": "Origin"}),
        ("https://a.example", "https://a.example.evil", {"Vary": "Origin"}),
        ("https://a.example", "*", {"Vary": "Origin"}),
        ("https://a.example", "null", {"Vary": "Origin"}),
        ("https://a.example,http://b:8080", "https://a.example", {"Vary": "Origin", ALLOW: "https://a.example"}),
        ("https://a.example,http://b:8080", "http://b:8080", {"Vary": "Origin", ALLOW: "http://b:8080"}),
        ("https://a.example,http://b:8080", "https://a.example,http://b:8080", {"Vary": "Origin"}),
    ],
)
def test_a_listed_origin_is_echoed_and_no_other(
    listed: str, origin: str | None, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a list of origins and a caller from one, or from elsewhere
    monkeypatch.setenv("ALLOWED_ORIGINS", listed)
    sent = event(**({"Origin": origin} if origin else {}))
    # WHEN it is answered / THEN only a listed origin reads the answer, and none may send credentials
    headers = guarded(sent, lambda request: respond(200, {}, request))["headers"]
    assert {name: headers[name] for name in ("Vary", ALLOW) if name in headers} == expected
    assert "Access-Control-Allow-Credentials" not in headers
