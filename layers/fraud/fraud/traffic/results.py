"""What an experiment shows so far: each arm with its intervals, whether the split is sound, and who is ahead in words.

Every interval holds at all looks at once, so looking daily and stopping when one likes is allowed.
"""

from math import exp, log

import msgspec

from fraud.traffic.experiment import Experiment
from fraud.traffic.figures import Figures
from fraud.traffic.guardrails import MISMATCH_CONCENTRATION, MISMATCH_E
from fraud.traffic.sequential.means import Interval, Moments, bernoulli, difference, mean_interval
from fraud.traffic.sequential.rates import log_evidence, proportion_bounds

ALPHA = 0.05
NEEDED = 100  # observations in each arm before anybody wins
HIGHER_IS_BETTER = ("precision", "recall")


class Arm(msgspec.Struct, frozen=True):
    """One version's side; each metric with its interval, None while nothing was observed."""

    version: str
    exposures: int
    metrics: dict[str, Interval | None]
    labels: int


class Mismatch(msgspec.Struct, frozen=True):
    """Whether the arms got their shares: found when E exceeds 1000 (Lindon & Malek 2022)."""

    found: bool
    e_value: float
    expected: float
    observed: float | None


class Results(msgspec.Struct, frozen=True):
    """`difference` is treatment minus control in the experiment's metric; `winner` a version or None: not yet."""

    arms: list[Arm]
    sample_ratio_mismatch: Mismatch
    difference: Interval | None
    winner: str | None
    verdict: str


def results(experiment: Experiment, control: Figures, treatment: Figures) -> Results:
    """The results at this moment."""
    mismatch = sample_ratio(experiment.split / 100, control.requests, treatment.requests)
    one, other = observed(experiment.metric, treatment), observed(experiment.metric, control)
    found = difference(one, other, ALPHA) if min(one.n, other.n) >= NEEDED else None
    winner = None if mismatch.found else _winner(experiment, found)
    return Results(
        arms=[arm(experiment.control, control), arm(experiment.treatment, treatment)],
        sample_ratio_mismatch=mismatch,
        difference=found,
        winner=winner,
        verdict=_words(experiment, mismatch, found, winner, min(one.n, other.n)),
    )


def observed(metric: str, figures: Figures) -> Moments:
    """What the metric is the mean of; precision and recall are of mature labels."""
    labels = figures.labels
    match metric:
        case "alert_rate":
            return bernoulli(figures.alerts, figures.requests)
        case "error_rate":
            return bernoulli(figures.errors, figures.requests)
        case "precision":
            return bernoulli(labels.true_positives, labels.true_positives + labels.false_positives)
        case "recall":
            return bernoulli(labels.true_positives, labels.true_positives + labels.false_negatives)
    return figures.latency


def arm(version: str, figures: Figures) -> Arm:
    """One side with every metric."""
    rates = {name: _rate(observed(name, figures)) for name in ("alert_rate", "error_rate", "precision", "recall")}
    slow = mean_interval(figures.latency, ALPHA) if figures.latency.n >= NEEDED else None
    return Arm(version, figures.requests, {**rates, "latency_ms": slow}, figures.labels.n)


def sample_ratio(expected: float, control: int, treatment: int) -> Mismatch:
    """Did chance split the requests as it was told to?"""
    total = control + treatment
    log_e = log_evidence(treatment, total, expected, MISMATCH_CONCENTRATION)
    return Mismatch(log_e > log(MISMATCH_E), exp(min(log_e, 700.0)), expected, treatment / total if total else None)


def _rate(of: Moments) -> Interval | None:
    if of.n == 0:
        return None
    return Interval(of.mean, *proportion_bounds(round(of.mean * of.n), of.n, ALPHA))


def _winner(experiment: Experiment, found: Interval | None) -> str | None:
    if found is None or found.low <= 0.0 <= found.high:
        return None
    ahead = (found.low > 0.0) == (experiment.metric in HIGHER_IS_BETTER)
    return experiment.treatment if ahead else experiment.control


def _words(experiment: Experiment, mismatch: Mismatch, found: Interval | None, winner: str | None, seen: int) -> str:
    name = experiment.metric.replace("_", " ")
    if mismatch.found:
        return f"no verdict: {mismatch.observed:.2%} went to the treatment, {mismatch.expected:.2%} were to"
    if found is None:
        return f"not yet: {seen} of the {NEEDED} observations of {name} that each arm needs"
    span = f"difference in {name} between {found.low:+.4g} and {found.high:+.4g}"
    return f"{winner} wins: {span}" if winner else f"not yet: {span}"
