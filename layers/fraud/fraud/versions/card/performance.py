"""How good a version is: what was measured beside what was claimed, and against the version active at that time."""

from collections.abc import Iterator

import msgspec

from fraud.versions.card.facts import Facts
from fraud.versions.card.figures import count, number, share, signed
from fraud.versions.card.parts import Grid, Part, Section, Words
from fraud.versions.gates import metric_meant
from fraud.versions.measurements import Comparison, Evaluation

LABELS = {
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "average_precision": "Average precision",
    "roc_auc": "ROC-AUC",
    "precision_at_100": "Precision at 100",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "calibration_error": "Calibration error",
    "accuracy": "Accuracy",
}
MAX_CLAIM = 120
_HEADING = "Measured performance"


def metrics(facts: Facts, measured: Evaluation) -> Section:
    """Every metric with its bounds beside the claim; a claim the measurement does not bear out is flagged."""
    opening = Words(
        (
            f"Measured on {count(measured.n)} rows, {count(measured.frauds)} of them fraud "
            f"({share(measured.frauds / measured.n)}); F1, precision, recall and accuracy at the decision threshold "
            f"{number(measured.threshold)}.",
            f"Intervals are 95 % bounds from {count(measured.draws)} stratified bootstrap resamples. Claims are what "
            "the drop said of itself; no gate believes them.",
        )
    )
    return Section(_HEADING, (opening, _table(facts, measured), *_other_claims(facts, tuple(LABELS))))


def unmeasured(facts: Facts) -> Section:
    """Why there are no metrics, and what was claimed."""
    words = Words(("Nothing was measured: there was no usable evaluation set when the version was registered.",))
    return Section(_HEADING, (words, *_other_claims(facts, ())))


def comparison(found: Comparison, measured: Evaluation) -> Section:
    """The paired differences to the version active then."""
    opening = Words(
        (
            f"{found.version} was active. Both scored the same {count(found.n)} rows ({count(found.frauds)} frauds), "
            f"each at its own threshold, and saw the same {count(found.draws)} resamples.",
        )
    )
    rows = tuple(
        (
            LABELS[name],
            number(getattr(measured, name)),
            number(getattr(measured, name) - one.point),
            signed(one.point),
            f"{signed(one.lower)} to {signed(one.upper)}",
        )
        for name, one in (("f1", found.f1), ("average_precision", found.average_precision))
    )
    headers = ("Metric", "This version", found.version, "Difference", "95 % interval")
    return Section("Compared with the active version", (opening, Grid(headers, rows, range(1, 5))))


def _table(facts: Facts, measured: Evaluation) -> Grid:
    contradicted = {str(one.get("metric")): one for one in facts.claim_differences}
    claimed = _claimed(facts)
    rows = []
    for name, label in LABELS.items():
        told = ", ".join(number(value) for value in claimed.get(name, ()))
        bounds = measured.bounds.get(name)
        interval = f"{number(bounds[0])} to {number(bounds[1])}" if bounds else ""
        remark = _remark(contradicted[name]["difference"]) if name in contradicted else ""
        rows.append((label, number(getattr(measured, name)), interval, told, remark))
    flagged = frozenset(index for index, name in enumerate(LABELS) if name in contradicted)
    return Grid(("Metric", "Measured", "95 % interval", "Claimed", "Remark"), tuple(rows), range(1, 4), flagged)


def _remark(difference: object) -> str:
    if not isinstance(difference, int | float):
        return "claim not borne out"
    return f"claim not borne out: measured {number(abs(difference))} {'below' if difference < 0 else 'above'} it"


def _claimed(facts: Facts) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for name, value in facts.claimed_metrics.items():
        if _is_number(value):
            found.setdefault(metric_meant(name), []).append(float(value))
    return found


def _other_claims(facts: Facts, shown: tuple[str, ...]) -> Iterator[Part]:
    """Claims that no row of the table holds."""
    rows = tuple(
        (name, _brief(value))
        for name, value in facts.claimed_metrics.items()
        if not (_is_number(value) and metric_meant(name) in shown)
    )
    if rows:
        yield Words(("Claimed, and not compared with anything measured here:",))
        yield Grid(("Claim", "Value"), rows)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _brief(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= MAX_CLAIM else f"{text[:MAX_CLAIM]}…"
