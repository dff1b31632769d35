"""What reports make of a decision, and of a version."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from fraud.clock import rfc3339
from fraud.watch.cells import BILLION, Cell
from fraud.watch.labels import Decision, Outcome, Report, outcome
from fraud.watch.quality import estimated, quality

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DECISION = Decision(digest="d", version="v1.0.0", at="2026-11-01T12:00:00.000Z", flagged=True, probability=0.9)


def report(source: str, is_fraud: bool, day: int) -> Report:
    return Report(transaction_id="t", is_fraud=is_fraud, source=source, reported_at=f"2026-11-{day:02d}T00:00:00.000Z")


def test_the_outcome_is_what_the_most_authoritative_source_said_last() -> None:
    reports = [report("customer", True, 2), report("chargeback", True, 5), report("analyst", False, 9)]
    found = outcome(DECISION, reports)
    assert (found.is_fraud, found.source, found.reports) == (True, "chargeback", 3)
    corrected = outcome(DECISION, [*reports, report("chargeback", False, 8)])
    assert (corrected.is_fraud, corrected.first_reported) == (False, {})


def test_the_order_reports_arrive_in_does_not_matter() -> None:
    reports = [report("customer", True, 2), report("chargeback", False, 5), report("chargeback", True, 9)]
    assert len({repr(outcome(DECISION, order)) for order in permutations(reports)}) == 1


def test_the_estimate_without_labels_is_that_of_the_formula() -> None:
    random = np.random.default_rng(0)
    p = random.beta(0.3, 4, 5_000)
    flagged, total = p >= 0.5, p.sum()
    cell = Cell(
        statuses={200: len(p)},
        frauds=int(flagged.sum()),
        flagged_score=round(p[flagged].sum() * BILLION),
        passed_score=round(p[~flagged].sum() * BILLION),
    )
    found = estimated(cell)
    assert found is not None
    tp = p[flagged].sum()
    assert found.recall == pytest.approx(tp / total)
    assert found.f1 == pytest.approx(2 * tp / (flagged.sum() + total))


def world(seed: int = 3) -> tuple[dict[tuple[str, str], Cell], list[Outcome], dict[str, Any]]:
    """Ninety days of calibrated decisions whose frauds are reported after a lognormal delay, seen today."""
    random = np.random.default_rng(seed)
    cells, outcomes, truth = {}, [], []
    for age in range(1, 91):
        day = NOW - timedelta(days=age)
        p = random.beta(0.05, 2.0, 1500)
        fraud, flagged = random.random(1500) < p, p >= 0.5
        cells[(rfc3339(day)[:10], "v1.0.0")] = Cell(
            statuses={200: 1500},
            frauds=int(flagged.sum()),
            flagged_score=round(p[flagged].sum() * BILLION),
            passed_score=round(p[~flagged].sum() * BILLION),
        )
        truth += list(zip(fraud.tolist(), flagged.tolist(), strict=True))
        for number in np.flatnonzero(fraud):
            at = day + timedelta(days=float(random.lognormal(np.log(20), 0.8)))
            if at <= NOW:
                told = Report(
                    transaction_id=f"{age}-{number}", is_fraud=True, source="chargeback", reported_at=rfc3339(at)
                )
                made = Decision(
                    digest="d",
                    version="v1.0.0",
                    at=rfc3339(day),
                    flagged=bool(flagged[number]),
                    probability=float(p[number]),
                )
                outcomes.append(outcome(made, [told]))
    y, guess = zip(*truth, strict=True)
    oracle = {"f1": f1_score(y, guess), "precision": precision_score(y, guess), "recall": recall_score(y, guess)}
    return cells, outcomes, {**oracle, "rate": np.mean(y)}


def test_realised_quality_on_mature_cohorts_is_the_true_one_although_labels_are_late() -> None:
    # GIVEN late labels of decisions whose truth we know
    cells, outcomes, truth = world()

    # WHEN the quality is worked out
    found = quality(cells, outcomes, NOW).by_version["v1.0.0"]

    # THEN corrected and realised figures are close to the truth, the naive rate is not
    assert found.realised is not None
    assert found.estimated is not None
    assert found.corrected_fraud_rate == pytest.approx(truth["rate"], rel=0.08)
    assert found.naive_fraud_rate is not None
    assert found.naive_fraud_rate < 0.8 * truth["rate"]
    for name in ("precision", "recall", "f1"):
        assert getattr(found.realised, name) == pytest.approx(truth[name], abs=0.05)
        assert getattr(found.estimated, name) == pytest.approx(truth[name], abs=0.05)
    assert found.realised.f1_low is not None
    assert found.realised.f1_high is not None
    assert found.realised.f1_low < truth["f1"] < found.realised.f1_high


def test_without_labels_nothing_is_realised() -> None:
    cells, _, _ = world()
    found = quality(cells, [], NOW)
    assert (found.maturity, found.by_version["v1.0.0"].realised) == ({}, None)
    assert found.by_version["v1.0.0"].corrected_fraud_rate is None
