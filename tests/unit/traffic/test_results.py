"""What an experiment says, and when it says nothing."""

import numpy as np
import pytest

from fraud.traffic.experiment import Experiment
from fraud.traffic.figures import Figures, Labels, combined, pooled
from fraud.traffic.results import results
from fraud.traffic.sequential.means import Moments

EXPERIMENT = Experiment(
    experiment_id="e", name="n", control="v1.0.0", treatment="v1.1.0", split=50.0, metric="recall", owner="o",
    salt="s", by="b", reason="", started_at="t",
)  # fmt: skip


def test_a_winner_is_named_with_its_interval() -> None:
    # GIVEN a treatment that finds 90 % of the fraud where the control finds 70 %
    control = Figures(requests=10_000, labels=Labels(700, 50, 300))
    treatment = Figures(requests=10_000, labels=Labels(900, 50, 100))

    # WHEN the results are taken
    found = results(EXPERIMENT, control, treatment)

    # THEN it wins, for a reason
    assert found.winner == "v1.1.0"
    assert found.verdict.startswith("v1.1.0 wins: difference in recall between +0.1")
    assert found.arms[0].metrics["precision"] is not None


def test_of_a_rate_that_should_be_low_the_lower_wins() -> None:
    import msgspec

    by_errors = msgspec.structs.replace(EXPERIMENT, metric="error_rate")
    found = results(by_errors, Figures(requests=10_000, errors=10), Figures(requests=10_000, errors=900))
    assert found.winner == "v1.0.0"


def test_too_little_or_nothing_is_not_yet() -> None:
    assert results(EXPERIMENT, Figures(), Figures()).verdict.startswith("not yet: 0 of the 100")
    same = Figures(requests=1000, labels=Labels(70, 5, 30))
    assert results(EXPERIMENT, same, same).verdict.startswith("not yet: difference in recall between -")


def test_a_split_that_is_not_the_one_asked_for_has_no_winner() -> None:
    # GIVEN a clear difference on arms that should be equal and are not
    control = Figures(requests=60_000, labels=Labels(700, 50, 300))
    treatment = Figures(requests=40_000, labels=Labels(900, 50, 100))

    # THEN nobody wins
    found = results(EXPERIMENT, control, treatment)
    assert (found.winner, found.sample_ratio_mismatch.found) == (None, True)
    assert found.verdict == "no verdict: 40.00% went to the treatment, 50.00% were to"


def test_pooled_moments_are_those_of_the_whole() -> None:
    random = np.random.default_rng(1)
    parts = [random.normal(n, 1 + n, 50 + n) for n in range(4)]
    made = pooled(Moments(len(one), float(one.mean()), float(one.var(ddof=1))) for one in parts)
    whole = np.concatenate(parts)
    assert made.n == len(whole)
    assert made.mean == pytest.approx(whole.mean())
    assert made.variance == pytest.approx(whole.var(ddof=1))
    assert combined([Figures(), Figures()]) == Figures()
