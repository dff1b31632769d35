"""predict: from a file or standard input to a verdict."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import Result

if TYPE_CHECKING:
    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
TRANSACTION = {"transaction_id": "t-1", "amount": 12.5, "time": 0.0, "features": {"V1": -0.1}}
ANSWER = {
    "transaction_id": "t-1",
    "is_fraud": False,
    "fraud_probability": 0.01,
    "risk_score": 1.0,
    "model_version": "v1.0.0",
    "processing_time_ms": 0.3,
    "cache_hit": False,
    "imputed_features": [],
    "request_id": "r-1",
    "explanation": {
        "risk_factors": [],
        "protective_factors": [],
        "recommendation": "approve",
        "unit": "probability",
        "base": 0.5,
        "margin": 0.01,
        "other": -0.49,
    },
}


def test_a_file_is_scored_with_the_scoring_key(api: "ApiServer", fraudctl: Fraudctl, tmp_path: Path) -> None:
    api.answers("POST", "/predict", ANSWER)
    file = tmp_path / "transaction.json"
    file.write_text(json.dumps(TRANSACTION))

    ran = fraudctl("predict", str(file))

    assert ran.exit_code == 0
    assert "LEGITIMATE  risk 1/100" in ran.stdout
    assert api.asked == [("POST", "/predict", {}, "scoring-key", TRANSACTION)]


def test_a_list_is_scored_as_a_batch_and_a_failed_item_exits_1(
    api: "ApiServer", fraudctl: Fraudctl, tmp_path: Path
) -> None:
    failed = {"index": 1, "transaction_id": None, "error": {"code": "invalid_transaction", "message": "no object"}}
    answer = {"batch_id": "b", "predictions": [ANSWER], "errors": [failed], "total_processing_time_ms": 3.5,
              "success_rate": 0.5}  # fmt: skip
    api.answers("POST", "/predict/batch", answer, status=207)
    file = tmp_path / "transactions.json"
    file.write_text(json.dumps([TRANSACTION, 7]))

    ran = fraudctl("predict", str(file))

    assert ran.exit_code == 1
    assert "t-1" in ran.stdout
    assert "item 1 (no id): invalid_transaction: no object" in ran.stdout
    assert "1 of 2 answered in 3.5 ms" in ran.stdout
    assert api.asked == [("POST", "/predict/batch", {}, "scoring-key", [TRANSACTION, 7])]


def test_standard_input_is_scored(api: "ApiServer", fraudctl: Fraudctl) -> None:
    api.answers("POST", "/predict", ANSWER)

    ran = fraudctl("predict", "-", "--json", stdin=json.dumps(TRANSACTION))

    assert json.loads(ran.stdout) == ANSWER
    assert api.asked[0].body == TRANSACTION


@pytest.mark.parametrize(("text", "problem"), [("{", "is not JSON"), (None, "cannot be read")])
def test_an_unusable_file_exits_2_and_nothing_is_sent(
    api: "ApiServer", fraudctl: Fraudctl, tmp_path: Path, text: str | None, problem: str
) -> None:
    file = tmp_path / "transaction.json"
    if text is not None:
        file.write_text(text)

    ran = fraudctl("predict", str(file))

    assert (ran.exit_code, api.asked) == (2, [])
    assert problem in ran.stderr
