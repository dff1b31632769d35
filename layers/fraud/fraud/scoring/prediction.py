"""The answer to a prediction request, and the reasons it gives."""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from fraud.scoring.packed.attribution import Attribution
from fraud.scoring.risk import Adjustment

FACTORS_LISTED = 5


class Factor(msgspec.Struct, frozen=True):
    """One feature's exact share in the margin, in the attribution's unit, and what it means in words.

    `code` is what a program reads: `<feature>.raises` or `<feature>.lowers`, the same for every version and language.
    """

    factor: str
    impact: str
    value: float
    contribution: float
    code: str


class Explanation(msgspec.Struct, frozen=True):
    """Why: `base` + listed contributions + `other` = `margin`, all in `unit`."""

    risk_factors: list[Factor]
    protective_factors: list[Factor]
    adjustments: list[Adjustment]
    confidence: float
    recommendation: str
    method: str
    unit: str
    base: float
    margin: float
    other: float


class Prediction(msgspec.Struct, frozen=True):
    """One answer, as the API gives it; without an explanation when the caller wants none.

    `log` is there, and `queued`, when the record of the answer waits on a queue because the log cannot be written.
    """

    transaction_id: str
    is_fraud: bool
    fraud_probability: float
    risk_score: float
    model_version: str
    processing_time_ms: float
    explanation: Explanation | None
    cache_hit: bool
    imputed_features: list[str]
    request_id: str
    log: Literal["queued"] | msgspec.UnsetType = msgspec.UNSET


def factor(name: str, value: float, contribution: float, unit: str) -> Factor:
    """A factor with its words and its code derived from the number."""
    direction = "raises" if contribution > 0 else "lowers"
    of_what = "probability" if unit == "probability" else "log-odds"
    impact = f"{name} = {value:.6g} {direction} the fraud {of_what} by {abs(contribution):.4g}"
    return Factor(name, impact, value, contribution, f"{name}.{direction}")


def unexplained(prediction: Prediction) -> Prediction:
    """The same answer without its reasons."""
    return msgspec.structs.replace(prediction, explanation=None)


def explain(
    names: Sequence[str],
    row: Sequence[float],
    attribution: Attribution,
    *,
    adjustments: list[Adjustment],
    confidence: float,
    recommendation: str,
) -> Explanation:
    """The largest contributions of each sign, and the exact sum of the rest as `other`."""
    parts = attribution.contributions
    order = sorted(range(len(parts)), key=lambda index: -abs(parts[index]))
    risk = [index for index in order if parts[index] > 0][:FACTORS_LISTED]
    protective = [index for index in order if parts[index] < 0][:FACTORS_LISTED]
    listed = {*risk, *protective}

    def factors(chosen: list[int]) -> list[Factor]:
        return [factor(names[index], row[index], parts[index], attribution.unit) for index in chosen]

    return Explanation(
        risk_factors=factors(risk),
        protective_factors=factors(protective),
        adjustments=adjustments,
        confidence=confidence,
        recommendation=recommendation,
        method=attribution.method,
        unit=attribution.unit,
        base=attribution.base,
        margin=attribution.margin,
        other=math.fsum(part for index, part in enumerate(parts) if index not in listed),
    )
