"""What each kind of answer becomes."""

import socket
from typing import TYPE_CHECKING

import pytest

from cli.api import Api
from cli.errors import RefusedError, UnreachableError

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer


def test_a_call_carries_the_key_and_only_the_parameters_given(api: "ApiServer") -> None:
    # GIVEN a route
    api.answers("GET", "/logs", {"logs": []})

    # WHEN it is called with one parameter of two
    reply = Api(api.url, "a-key").get("/logs", {"transaction_id": "t 1&2", "limit": None})

    # THEN the server sees the key and that one
    assert reply.body == {"logs": []}
    assert api.asked == [("GET", "/logs", {"transaction_id": "t 1&2"}, "a-key", None)]


def test_the_error_envelope_becomes_one_line(api: "ApiServer") -> None:
    details = [{"field": "amount", "problem": "must be finite"}]
    error = {"code": "invalid_request", "message": "refused", "details": details, "request_id": "r-1"}
    api.answers("POST", "/predict", {"error": error}, status=422)

    with pytest.raises(RefusedError) as caught:
        Api(api.url, "k").post("/predict", {})

    assert str(caught.value) == "422 invalid_request: refused; amount: must be finite [request r-1]"
    assert caught.value.exit_code == 4


def test_the_gateways_own_refusal_keeps_its_words(api: "ApiServer") -> None:
    api.answers("GET", "/logs", {"message": "Forbidden"}, status=403)

    with pytest.raises(RefusedError, match="403 gateway: Forbidden"):
        Api(api.url, "k").get("/logs")


@pytest.mark.parametrize(("status", "passing"), [(400, False), (404, False), (429, True), (502, True)])
def test_a_refusal_without_json_keeps_its_status(api: "ApiServer", status: int, passing: bool) -> None:
    api.answers("GET", "/logs", b"<html>", status=status)

    with pytest.raises(RefusedError, match=str(status)) as caught:
        Api(api.url, "k").get("/logs")

    assert caught.value.passing is passing


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b""])
def test_a_success_that_is_no_json_object_is_an_error(api: "ApiServer", body: bytes) -> None:
    api.answers("GET", "/logs", body)

    with pytest.raises(RefusedError, match="not_json"):
        Api(api.url, "k").get("/logs")


def test_a_redirect_is_not_followed(api: "ApiServer") -> None:
    api.answers("GET", "/logs", {}, status=302)

    with pytest.raises(RefusedError, match="302"):
        Api(api.url, "k").get("/logs")

    assert len(api.asked) == 1


def test_a_status_asked_for_is_an_answer(api: "ApiServer") -> None:
    api.answers("GET", "/health", {"status": "unhealthy"}, status=503)

    reply = Api(api.url, "k").get("/health", also=(503,))

    assert (reply.status, reply.body) == (503, {"status": "unhealthy"})


def test_nobody_listening_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(UnreachableError, match=f"127.0.0.1:{port}/v1 does not answer"):
        Api(f"http://127.0.0.1:{port}/v1", "k").get("/health")


@pytest.mark.parametrize("url", ["", "localhost:4566", "ftp://host/v1"])
def test_an_address_that_is_no_http_url_is_unreachable(url: str) -> None:
    with pytest.raises(UnreachableError, match="not an http"):
        Api(url, "k").get("/health")
