"""Risk score and recommendation: pure functions of the probability, the version's thresholds and the transaction.

The score is a documented monotone map of the probability: 0 at 0, 50 at the version's decision threshold, 80 at its
block threshold, 100 at 1, straight lines between (with the default thresholds 0.5 and 0.8 it is 100·p). Business
adjustments are added to it, named, and never depend on the probability, so the sum stays monotone in it; the amount
enters through a continuous ramp, so no cent can make the score jump.
"""

import math

import msgspec

DEFAULT_THRESHOLD = 0.5
DEFAULT_BLOCK_THRESHOLD = 0.8
VERIFY_SCORE, BLOCK_SCORE = 50.0, 80.0
AMOUNT_POINTS, AMOUNT_FROM, AMOUNT_TO = 5.0, 100.0, 10_000.0
CATEGORY_POINTS = {
    "crypto": 5.0,
    "gambling": 5.0,
    "gift_cards": 5.0,
    "money_transfer": 5.0,
    "jewelry": 3.0,
    "electronics": 2.0,
    "travel": 2.0,
}


class Thresholds(msgspec.Struct, frozen=True):
    """Probabilities from which a version verifies and blocks; 0 < decision ≤ block ≤ 1."""

    decision: float = DEFAULT_THRESHOLD
    block: float = DEFAULT_BLOCK_THRESHOLD


class Adjustment(msgspec.Struct, frozen=True):
    """Points a business rule adds to the risk score, with its reason."""

    name: str
    points: float
    reason: str


def risk_score(probability: float, thresholds: Thresholds, adjustments: list[Adjustment]) -> float:
    """The score in [0, 100], two decimals, monotone in the probability."""
    score = base_score(probability, thresholds) + math.fsum(item.points for item in adjustments)
    return round(min(100.0, score), 2)


def base_score(probability: float, thresholds: Thresholds) -> float:
    """The score before adjustments: piecewise linear through (0,0), (decision,50), (block,80), (1,100)."""
    decision, block = thresholds.decision, thresholds.block
    if probability < decision:
        return VERIFY_SCORE * probability / decision
    if probability < block:
        return VERIFY_SCORE + (BLOCK_SCORE - VERIFY_SCORE) * (probability - decision) / (block - decision)
    if block >= 1.0:
        return 100.0
    return BLOCK_SCORE + (100.0 - BLOCK_SCORE) * (probability - block) / (1.0 - block)


def adjustments(amount: float, merchant_category: str | None) -> list[Adjustment]:
    """The business adjustments of one transaction; each is positive, at most 10 points together."""
    found = []
    points = CATEGORY_POINTS.get((merchant_category or "").lower())
    if points:
        found.append(Adjustment("merchant_category", points, f"{merchant_category} is a high-risk category"))
    points = _amount_points(amount)
    if points:
        found.append(Adjustment("amount_band", points, f"the amount is above {AMOUNT_FROM:g}"))
    return found


def recommendation(probability: float, thresholds: Thresholds) -> str:
    """`approve` below the decision threshold, `verify` below the block threshold, else `block`."""
    if probability < thresholds.decision:
        return "approve"
    return "verify" if probability < thresholds.block else "block"


def _amount_points(amount: float) -> float:
    """0 up to 100, then rising with the logarithm of the amount to 5 points at 10,000."""
    share = math.log(max(amount, AMOUNT_FROM) / AMOUNT_FROM) / math.log(AMOUNT_TO / AMOUNT_FROM)
    return AMOUNT_POINTS * min(1.0, share)
