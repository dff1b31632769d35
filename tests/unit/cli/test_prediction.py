"""A prediction as an operator sees it."""

from io import StringIO
from typing import Any

import msgspec
import pytest
from rich.console import Console

from cli.prediction import bar, prediction_card
from fraud.scoring.prediction import Explanation, Prediction, factor
from fraud.scoring.risk import Adjustment


def prediction(**changes: object) -> dict[str, Any]:
    explanation = Explanation(
        risk_factors=[factor("V14", -5.25, 2.0, "log_odds")],
        protective_factors=[factor("amount", 12.0, -0.5, "log_odds")],
        adjustments=[Adjustment("category", 5.0, "crypto is a high-risk category")],
        confidence=0.9,
        recommendation="block",
        method="reference",
        unit="log_odds",
        base=-4.0,
        margin=-2.25,
        other=0.25,
    )
    answer = Prediction(
        transaction_id="t-1",
        is_fraud=True,
        fraud_probability=0.0953,
        risk_score=85.5,
        model_version="v1.2.0",
        processing_time_ms=0.4,
        explanation=explanation,
        cache_hit=False,
        imputed_features=["V3", "V7"],
        request_id="r-1",
    )
    return {**msgspec.to_builtins(answer), **changes}


def shown(body: dict[str, Any]) -> str:
    page = StringIO()
    Console(file=page, width=120).print(prediction_card(body))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def test_a_fraud_is_shown_with_its_reasons() -> None:
    assert shown(prediction()) == "\n".join(
        [
            " FRAUD  risk 85.5/100 █████████████████░░░ recommendation: block",
            "t-1: probability 0.0953, model v1.2.0, 0.4 ms",
            "",
            "V14 = -5.25  +2    ████████████████████",
            "amount = 12  -0.5  █████",
            "base -4 + the above + other 0.25 = -2.25 (log_odds)",
            "+5 risk points: crypto is a high-risk category",
            "filled with the training median: V3, V7",
        ]
    )


def test_a_legitimate_stored_answer_says_both() -> None:
    page = shown(prediction(is_fraud=False, cache_hit=True, imputed_features=[]))

    assert " LEGITIMATE " in page
    assert page.splitlines()[1].endswith("0.4 ms, stored answer")
    assert "median" not in page


def test_a_prediction_without_factors_is_shown() -> None:
    body = prediction()
    body["explanation"] |= {"risk_factors": [], "protective_factors": []}

    assert "base -4 + the above + other 0.25" in shown(body)


@pytest.mark.parametrize(("share", "cells"), [(0.0, 0), (1e-9, 1), (0.5, 10), (1.0, 20), (1.7, 20)])
def test_a_bar_is_as_long_as_its_share(share: float, cells: int) -> None:
    assert bar(share) == "█" * cells
