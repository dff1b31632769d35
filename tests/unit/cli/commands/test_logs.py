"""logs: filters in, a table out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from typer.testing import Result

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
AT = "2026-01-02T03:04:05Z"
SCORED = {
    "transaction_id": "t-1",
    "at": AT,
    "status_code": 200,
    "model_version": "v1.0.0",
    "fraud_probability": 0.98765,
    "risk_score": 98.77,
    "is_fraud": True,
    "processing_time_ms": 0.4,
}
REFUSED = {"transaction_id": "t-2", "at": AT, "status_code": 422, "error_code": "invalid_request"}


def test_requests_are_listed_with_verdict_or_error(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/logs", {"logs": [SCORED, REFUSED], "next_cursor": None})

    ran = fraudctl("logs")

    rows = [line.split() for line in ran.stdout.splitlines()[1:]]
    assert rows == [
        [AT, "t-1", "200", "v1.0.0", "0.9877", "98.77", "fraud", "0.4"],
        [AT, "t-2", "422", "invalid_request"],
    ]


def test_every_filter_reaches_the_api(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/logs", {"logs": [], "next_cursor": None})
    filters = {
        "transaction-id": "t-1",
        "status-code": "422",
        "model-version": "v1.0.0",
        "from": "2026-01-01T00:00:00Z",
        "to": "2026-01-02T00:00:00Z",
        "limit": "5",
    }

    ran = fraudctl("logs", *(word for name, value in filters.items() for word in (f"--{name}", value)))

    assert ran.stdout == "no such requests\n"
    assert api.asked[0].query == {name.replace("-", "_"): value for name, value in filters.items()}


def test_a_cut_list_says_so(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/logs", {"logs": [SCORED], "next_cursor": "abc"})

    assert "there are more" in fraudctl("logs").stdout
