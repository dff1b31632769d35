"""metrics, drift, labels, alerts: what is asked of the API and how it looks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.testing import Result

from cli.tail import fresh

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
LATENCY = {"mean": 1.5, "p50": 1.0, "p95": 3.0, "p99": 4.0, "min": 0.5, "max": 5.0}
TRAFFIC = {"total_requests": 10, "failed_requests": 1, "success_rate": 0.9, "latency_ms": LATENCY}
MONEY = {
    "total_transactions": 9, "fraud_predictions": 3, "fraud_rate": 1 / 3, "high_risk_transactions": 2,
    "total_amount": 1234.5, "fraud_amount": 200.0,
}  # fmt: skip


def feature(name: str, state: str, psi: float | None) -> dict[str, Any]:
    figures = {"critical_value": 0.04, "adjusted_p": 1e-6, "score_shift": 0.5} if psi else {"critical_value": None}
    return {"name": name, "state": state, "n": 300, "psi": psi, **figures}


def test_traffic_is_shown_whole_and_by_version(api: "ApiServer", fraudctl: Fraudctl) -> None:
    body = {**TRAFFIC, "state": "ok", "by_version": {"v1.0.0": TRAFFIC}, "errors": {"throttled": 1}, "window_hours": 6}
    api.answers("GET", "/metrics/performance", body)

    ran = fraudctl("metrics", "--hours", "6")

    assert api.asked[0].query == {"hours": "6"}
    assert [line.split()[0] for line in ran.stdout.splitlines()[1:]] == ["all", "v1.0.0", "throttled:", "last"]
    assert "90.00 %" in ran.stdout


def test_money_is_shown_on_demand_and_no_data_in_words(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("GET", "/metrics/business", {**MONEY, "state": "ok", "by_version": {}, "window_hours": 24})
    assert "1,234.50" in fraudctl("metrics", "--business").stdout
    api.answers("GET", "/metrics/performance", {"state": "no_data", "message": "No recent data"})
    assert fraudctl("metrics").stdout == "No recent data\n"


def test_drift_is_drawn(api: "ApiServer", fraudctl: Fraudctl) -> None:
    score = {"psi": feature("score", "ok", 0.01), "ks": 0.02, "ks_critical_value": 0.05}
    found = {
        "features": [feature("V1", "drifted", 0.3), feature("V2", "too_few", None)],
        "score": score, "version": "v1.0.0", "rows": 300, "window_hours": 24,
    }  # fmt: skip
    api.answers("GET", "/metrics/model", {"drift": found, "message": None})

    ran = fraudctl("drift")

    [line] = [line for line in ran.stdout.splitlines() if line.startswith("V1")]
    assert line.split() == ["V1", "0.3000", "█" * 20, "0.0400", "1e-06", "+0.500", "drifted"]
    assert "only 300 rows" in ran.stdout


def test_labels_of_a_csv_are_sent_in_parts(api: "ApiServer", fraudctl: Fraudctl, tmp_path: Path) -> None:
    api.answers("POST", "/labels", {"accepted": 500, "joined": 499, "duplicate": 1})
    file = tmp_path / "labels.csv"
    file.write_text(
        "transaction_id,is_fraud,source,reported_at\n" + "".join(f"t-{n},TRUE,chargeback,\n" for n in range(501))
    )

    ran = fraudctl("labels", str(file))

    assert [len(asked.body) for asked in api.asked] == [500, 1]
    assert api.asked[1].body == [{"transaction_id": "t-500", "is_fraud": True, "source": "chargeback"}]
    assert "500 labels: 499 joined, 1 duplicate" in ran.stdout


def test_one_label_comes_from_standard_input_and_nonsense_is_refused(
    api: "ApiServer", fraudctl: Fraudctl, tmp_path: Path
) -> None:
    api.answers("POST", "/labels", {"accepted": 1, "unknown_transaction": 1})
    assert "1 unknown transaction" in fraudctl("labels", "-", stdin=json.dumps({"transaction_id": "t"})).stdout
    wrong = tmp_path / "x.csv"
    wrong.write_text("transaction_id,is_fraud\nt,maybe\n")
    for file in (str(wrong), str(tmp_path / "absent.json")):
        assert fraudctl("labels", file).exit_code == 2


def test_alerts_are_listed_and_acknowledged(api: "ApiServer", fraudctl: Fraudctl) -> None:
    alert = {
        "id": "20261122-drift", "severity": "warning", "state": "firing", "value": 1.0, "threshold": 1.0,
        "opened_at": "2026-11-22T12:00:00.000Z", "notifications": 2,
    }  # fmt: skip
    api.answers("GET", "/alerts", {"alerts": [alert]}, {"alerts": []})
    api.answers("POST", "/alerts/20261122-drift/ack", alert)

    assert "20261122-drift" in fraudctl("alerts").stdout
    assert fraudctl("alerts").stdout == "no alerts\n"
    assert fraudctl("alerts", "--ack", "20261122-drift").stdout == "20261122-drift: acknowledged\n"


def test_following_shows_each_line_once_in_order_although_some_come_late() -> None:
    # GIVEN a log in which a line appears after a later one was shown
    def line(second: int) -> dict[str, str]:
        return {"at": f"2026-11-22T12:00:{second:02d}.000Z", "request_id": f"r{second}", "transaction_id": "t"}

    looks = iter([[line(5), line(1)], [line(5), line(3), line(1)], [line(9)]])

    # WHEN it is followed
    found = fresh(lambda _: next(looks), "2026-11-22T12:00:00.000Z", sleep=lambda _: None)

    # THEN every line comes once
    assert [next(found)["request_id"] for _ in range(4)] == ["r1", "r5", "r3", "r9"]
