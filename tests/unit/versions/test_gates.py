"""What goes live by itself, what is held, and the words for it."""

import subprocess
import sys
from typing import Any

import msgspec
import pytest

from fraud.versions.gates import (
    ClaimDifference,
    Verdict,
    activation_verdict,
    claim_differences,
    frauds_needed,
)
from fraud.versions.measurements import METRICS, Confusion, Difference, Evaluation, PairedDifference


def measured(lower: float = 0.9, frauds: int = 100) -> Evaluation:
    shares: Any = dict.fromkeys(METRICS, 0.9)
    return Evaluation(
        n=1000,
        frauds=frauds,
        threshold=0.5,
        confusion=Confusion(tp=90, fp=5, fn=10, tn=895),
        score_histogram=(0,) * 20,
        draws=1000,
        bounds={**dict.fromkeys(METRICS, (0.0, 1.0)), "f1": (lower, 0.99)},
        precision_recall_curve=(),
        calibration=(),
        precision_at_k={},
        fraud_histogram=(),
        **shares,
    )


def difference(point: float, lower: float, upper: float) -> PairedDifference:
    one = Difference(point, lower, upper)
    return PairedDifference(n=1000, frauds=100, draws=1000, f1=one, average_precision=one)


def verdict(
    evaluation: Evaluation | None = None, paired: PairedDifference | None = None, active: str | None = None
) -> Verdict:
    return activation_verdict(evaluation=evaluation, paired=paired, active_version=active, minimum_f1=0.85)


def test_a_good_first_version_goes_live() -> None:
    assert verdict(measured(0.91)) == Verdict(
        True, ("lower 95 % bound of F1 0.91 exceeds 0.85", "no version is active yet")
    )


def test_without_an_evaluation_set_a_version_is_held() -> None:
    assert verdict(None) == Verdict(False, ("held: there is no evaluation set to measure on",))


@pytest.mark.parametrize(
    ("lower", "words"),
    [
        (0.79, "held: lower 95 % bound of F1 0.79 does not exceed 0.85"),
        (0.8496, "held: lower 95 % bound of F1 0.8496 does not exceed 0.85"),
        (0.85, "held: lower 95 % bound of F1 0.85 does not exceed 0.85"),
    ],
)
def test_a_bound_that_does_not_exceed_the_minimum_holds_the_version(lower: float, words: str) -> None:
    assert verdict(measured(lower)) == Verdict(False, (words,))


def test_the_minimum_is_exceeded_by_the_bound_and_not_by_the_point() -> None:
    held = msgspec.structs.replace(measured(0.80), f1=0.99)

    assert not verdict(held).activate


def test_a_bound_that_is_no_number_holds_the_version() -> None:
    assert not verdict(measured(float("nan"))).activate


def test_a_flawless_answer_on_a_handful_of_frauds_is_held() -> None:
    found = verdict(measured(lower=1.0, frauds=9))

    assert found == Verdict(
        False,
        ("held: the evaluation set holds 9 frauds; below 10 even a flawless answer does not show F1 above 0.85",),
    )
    assert verdict(measured(lower=1.0, frauds=10)).activate


def test_the_frauds_needed_follow_the_zero_failure_bound() -> None:
    # n = ceil(ln 0.05 / ln(f / (2 - f)))
    assert [frauds_needed(f1) for f1 in (0.5, 0.7, 0.85, 0.95)] == [3, 5, 10, 30]
    assert frauds_needed(0.0) == 1


@pytest.mark.parametrize(
    ("paired", "activate"),
    [
        (difference(0.02, 0.01, 0.03), True),
        (difference(0.0, 0.0, 0.0), True),
        (difference(-0.005, -0.02, 0.01), True),
        (difference(-0.01, -0.03, 0.0), True),
        (difference(-0.005, -0.009, -0.001), False),  # small, but shown to be worse
        (difference(-0.03, -0.10, 0.05), False),  # not shown, but the best guess is a loss
        (difference(float("nan"), -0.1, 0.1), False),
    ],
)
def test_a_version_must_not_be_worse_than_the_active_one(paired: PairedDifference, activate: bool) -> None:
    assert verdict(measured(), paired, "v1.0.0").activate is activate


def test_the_words_of_a_comparison_hold_its_numbers() -> None:
    worse = verdict(measured(), difference(-0.043, -0.08, -0.012), "v1.1.0")
    fine = verdict(measured(), difference(0.012, -0.004, 0.03), "v1.1.0")

    assert worse.reasons == (
        "held: F1 is worse than that of the active version v1.1.0: difference -0.043, 95 % interval -0.080 to -0.012",
    )
    assert fine.reasons == (
        "lower 95 % bound of F1 0.90 exceeds 0.85",
        "F1 is not worse than that of the active version v1.1.0: difference +0.012, 95 % interval -0.004 to +0.030",
    )


def test_a_version_that_was_not_compared_with_the_active_one_is_held() -> None:
    found = verdict(measured(), None, "v1.0.0")

    assert found == Verdict(False, ("held: not compared with the active version v1.0.0 on the same rows",))


def test_every_failing_rule_is_named() -> None:
    found = verdict(measured(0.5, frauds=3), difference(-0.2, -0.3, -0.1), "v1.0.0")

    assert len(found.reasons) == 3
    assert all(reason.startswith("held: ") for reason in found.reasons)


def test_claims_that_the_measurement_does_not_bear_out_are_listed() -> None:
    claimed = {"f1_score": 0.97, "AUC": 0.915, "precision": 0.8, "accuracy": 0.9999, "recall": 0.9}

    assert claim_differences(measured(), claimed) == [
        ClaimDifference("f1", claimed=0.97, measured=0.9, difference=0.9 - 0.97),
        ClaimDifference("precision", claimed=0.8, measured=0.9, difference=0.9 - 0.8),
    ]


def test_a_claim_that_is_no_comparable_number_is_left_out() -> None:
    claimed = {"f1": "excellent", "recall": None, "precision": True, "lift": 9.0, "brier": {"value": 1}}

    assert claim_differences(measured(), claimed) == []


def test_a_claim_that_is_not_a_number_at_all_is_flagged() -> None:
    (found,) = claim_differences(measured(), {"f1": float("nan")})

    assert found.metric == "f1"


def test_nothing_measured_contradicts_nothing() -> None:
    assert claim_differences(None, {"f1": 0.99}) == []


def test_the_gates_need_no_numpy() -> None:
    code = "import sys; import fraud.versions.gates; print('numpy' in sys.modules)"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"
