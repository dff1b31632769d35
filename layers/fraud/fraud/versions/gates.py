"""May a measured version go live by itself? Pure rules: measurements in, a verdict with its reasons in words out."""

import math
from collections.abc import Iterator, Mapping

import msgspec

from fraud.versions.measurements import METRICS, Evaluation, PairedDifference

DEFAULT_MINIMUM_F1 = 0.85
TOLERATED_F1_LOSS = 0.01
NOTABLE_CLAIM_DIFFERENCE = 0.02
CONFIDENCE = 0.95
CLAIM_NAMES = {
    "f1_score": "f1",
    "auc": "roc_auc",
    "auc_roc": "roc_auc",
    "roc_auc_score": "roc_auc",
    "ap": "average_precision",
    "pr_auc": "average_precision",
    "auc_pr": "average_precision",
    "auprc": "average_precision",
    "brier_score": "brier",
    "logloss": "log_loss",
    "ece": "calibration_error",
}


class Verdict(msgspec.Struct, frozen=True):
    """Whether the version is activated, and the sentences that say why."""

    activate: bool
    reasons: tuple[str, ...]


class ClaimDifference(msgspec.Struct, frozen=True):
    """A claimed metric that the measurement does not bear out; `difference` is measured minus claimed."""

    metric: str
    claimed: float
    measured: float
    difference: float


def activation_verdict(
    *,
    evaluation: Evaluation | None,
    paired: PairedDifference | None,
    active_version: str | None,
    minimum_f1: float = DEFAULT_MINIMUM_F1,
) -> Verdict:
    """Activate when the lower 95 % bound of F1 exceeds `minimum_f1` and the version is not worse than the active one.

    *Not worse*: on the same rows the 95 % interval of the F1 difference (candidate − active, `paired`) reaches 0, so
    there is no evidence of a loss, and its point is not below −TOLERATED_F1_LOSS, so a small set cannot hide one.
    With nothing active (`active_version` None) there is nothing to compare with. Without an evaluation, or without a
    comparison while something is active, the version is held. Every failing rule is named, not only the first.
    """
    if evaluation is None:
        return Verdict(False, ("held: there is no evaluation set to measure on",))
    objections = (
        *_objections_to_quality(evaluation, minimum_f1),
        *_objections_to_difference(paired, active_version),
    )
    if objections:
        return Verdict(False, tuple(f"held: {objection}" for objection in objections))
    return Verdict(True, tuple(_grounds(evaluation, paired, active_version, minimum_f1)))


def claim_differences(
    measured: Evaluation | None, claimed: Mapping[str, object], tolerance: float = NOTABLE_CLAIM_DIFFERENCE
) -> list[ClaimDifference]:
    """Claimed numbers that differ from the measured ones by more than `tolerance`, sorted by metric.

    Claims under common other names (`auc`, `f1_score` …) count; ones that are no number or that nothing measures
    are left out.
    """
    if measured is None:
        return []
    known = {name: float(getattr(measured, name)) for name in (*METRICS, "accuracy")}
    found = (
        ClaimDifference(name, value, known[name], known[name] - value)
        for name, value in _claims(claimed)
        if name in known
    )
    return sorted((one for one in found if not abs(one.difference) <= tolerance), key=lambda one: one.metric)


def metric_meant(claim: str) -> str:
    """The name under which a metric is measured here, for the name a claim gives it."""
    known = claim.lower().replace("-", "_").replace(" ", "_")
    return CLAIM_NAMES.get(known, known)


def frauds_needed(minimum_f1: float) -> int:
    """Frauds below which even a flawless answer shows no F1 above `minimum_f1`.

    Without a false alarm F1 = 2r / (1 + r), so F1 > f needs recall r > f / (2 − f); n frauds all found show
    r > 0.05^(1/n) at 95 % (the exact binomial bound for zero failures). A bootstrap cannot know this: it never
    draws a miss that was not seen.
    """
    if not 0 < minimum_f1 < 1:
        return 1
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(minimum_f1 / (2 - minimum_f1)))


def _objections_to_quality(evaluation: Evaluation, minimum_f1: float) -> Iterator[str]:
    lower, needed = evaluation.bounds["f1"][0], frauds_needed(minimum_f1)
    if not lower > minimum_f1:
        yield f"lower 95 % bound of F1 {_number(lower, minimum_f1)} does not exceed {minimum_f1:g}"
    if evaluation.frauds < needed:
        yield (
            f"the evaluation set holds {evaluation.frauds} frauds; below {needed} even a flawless answer "
            f"does not show F1 above {minimum_f1:g}"
        )


def _objections_to_difference(paired: PairedDifference | None, active_version: str | None) -> Iterator[str]:
    if active_version is None:
        return
    if paired is None:
        yield f"not compared with the active version {active_version} on the same rows"
        return
    if paired.f1.upper < 0 or not paired.f1.point >= -TOLERATED_F1_LOSS:
        yield f"F1 is worse than that of the active version {active_version}: {_difference(paired)}"


def _grounds(
    evaluation: Evaluation, paired: PairedDifference | None, active_version: str | None, minimum_f1: float
) -> Iterator[str]:
    lower = evaluation.bounds["f1"][0]
    yield f"lower 95 % bound of F1 {_number(lower, minimum_f1)} exceeds {minimum_f1:g}"
    if paired is None or active_version is None:
        yield "no version is active yet"
    else:
        yield f"F1 is not worse than that of the active version {active_version}: {_difference(paired)}"


def _difference(paired: PairedDifference) -> str:
    f1 = paired.f1
    return f"difference {f1.point:+.3f}, 95 % interval {f1.lower:+.3f} to {f1.upper:+.3f}"


def _number(value: float, limit: float) -> str:
    """Two decimals, or as many as it takes to tell the value from the limit."""
    digits = next((d for d in range(2, 17) if value == limit or round(value, d) != round(limit, d)), 2)
    return f"{value:.{digits}f}"


def _claims(claimed: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    for name, value in claimed.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield metric_meant(name), float(value)
