"""The rollout's promises, on synthetic traffic and the production decision code; `benchmarks` repeats them in full."""

import numpy as np
import pytest

from cli.simulation import Behaviour, Looked, simulated
from fraud.traffic import guardrails
from fraud.traffic.rollout import ADVANCE, PROMOTE, ROLL_BACK

SOUND = Behaviour()
pytestmark = pytest.mark.no_cover  # it triples the time, and shorter tests run the same lines


def last(*args: Behaviour, **how: object) -> Looked:
    """The last tick of a simulated rollout."""
    *_, end = simulated(*args, **how)  # type: ignore[arg-type]
    return end


def test_versions_that_are_alike_are_not_taken_back_however_often_one_looks() -> None:
    # GIVEN 40 rollouts of a version just like the active one, looked at every minute of three long steps
    ends = [last(SOUND, SOUND, steps=(5, 25, 50), bake_minutes=20, seed=seed).verdict.action for seed in range(40)]

    # THEN all but at most one are promoted
    assert ends.count(ROLL_BACK) <= 1
    assert ends.count(PROMOTE) == 40 - ends.count(ROLL_BACK)


@pytest.mark.parametrize(
    ("candidate", "active", "percent", "batch", "within"),
    [
        (Behaviour(errors=0.5), Behaviour(errors=0.0), 5, 20, 350),
        (Behaviour(errors=0.05), Behaviour(errors=0.0), 5, 40, 3600),
        (Behaviour(alerts=0.02), SOUND, 10, 250, 15_000),
    ],
    ids=["half of the requests fail", "one in twenty fails", "four times the alerts"],
)
def test_harm_is_taken_back_within(
    candidate: Behaviour, active: Behaviour, percent: int, batch: int, within: int
) -> None:
    # GIVEN 80 rollouts that stay at their first step
    how = {"steps": (percent, 100), "bake_minutes": 10_000, "requests_per_tick": batch}
    spent = [last(candidate, active, seed=seed, **how) for seed in range(80)]

    # THEN each is taken back, 95 % of them within so many requests
    assert {one.verdict.action for one in spent} == {ROLL_BACK}
    assert np.quantile([one.requests for one in spent], 0.95) <= within


def test_a_sound_candidate_goes_step_by_step_and_only_with_evidence() -> None:
    # GIVEN little traffic
    looks = list(simulated(SOUND, SOUND, requests_per_tick=50, bake_minutes=5))

    # WHEN it goes on / THEN only after the bake time and 100 requests of the candidate at each step
    moves = [one for one in looks if one.verdict.action in (ADVANCE, PROMOTE)]
    assert [one.rollout.percent for one in moves] == [5, 25]
    for move in moves:
        needed = next(one for one in move.verdict.findings if one.guardrail == "minimum exposure")
        assert needed.numbers["requests"] >= 100
        assert all(one.state == "pass" for one in move.verdict.findings if one.guardrail.startswith("bound"))


def test_a_slow_candidate_and_one_that_scores_elsewhere_are_taken_back() -> None:
    slow = last(Behaviour(latency_ms=30), SOUND)
    lofty = last(Behaviour(score=60), SOUND)
    assert (slow.verdict.action, slow.verdict.words.split(":")[0]) == (ROLL_BACK, "latency")
    assert (lofty.verdict.action, lofty.verdict.words.split(":")[0]) == (ROLL_BACK, "scores")


def test_a_candidate_that_flags_nothing_is_taken_back() -> None:
    ended = last(Behaviour(alerts=0.0), Behaviour(alerts=0.05), bake_minutes=60)
    assert ended.verdict.words.startswith("silence: flags 0 of")


def test_the_levels_of_all_guardrails_add_up_to_one_percent() -> None:
    levels = [value for name, value in vars(guardrails).items() if name.endswith("_ALPHA")]
    assert len(levels) == 6
    assert sum(levels) == pytest.approx(0.01)
