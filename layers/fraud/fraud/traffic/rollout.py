"""A rollout: the record of it, and the rule that says what its next tick does."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from fraud.clock import parse_rfc3339
from fraud.traffic.figures import Period
from fraud.traffic.guardrails import F1_FLOOR, HARM, PASS, Finding, examine
from fraud.traffic.promotion import evidence

CANARY, SHADOW = "canary", "shadow"
RUNNING, PROMOTED, ROLLED_BACK, ABORTED, COMPLETED = "running", "promoted", "rolled_back", "aborted", "completed"
EVERYBODY = 100
WAIT, ADVANCE, PROMOTE, ROLL_BACK, COMPLETE = "wait", "advance", "promote", "roll_back", "complete"
MIRRORED = 0.5  # a shadow scores what the active version scores, so each has half of the events when they are equal


class Step(msgspec.Struct, frozen=True):
    """A share of the traffic (percent) and since when the candidate has had it."""

    percent: int
    started_at: str


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """How a candidate takes over from the version that was active when it began; `done` ends with the present step."""

    rollout_id: str
    version: str
    baseline: str
    strategy: str
    steps: tuple[int, ...]
    bake_minutes: float
    salt: str
    by: str
    reason: str
    started_at: str
    done: tuple[Step, ...]
    state: str = RUNNING
    ended_at: str | None = None
    ended_by: str | None = None
    outcome: str = ""

    @property
    def percent(self) -> int:
        """The candidate's present share."""
        return self.done[-1].percent

    @property
    def following(self) -> int:
        """The share after the present step."""
        return self.steps[len(self.done)] if len(self.done) < len(self.steps) else EVERYBODY


class Verdict(msgspec.Struct, frozen=True):
    """What one look at a rollout came to, with every number it rests on."""

    action: str
    words: str
    findings: list[Finding]
    at: str = ""
    percent: int = 0


def decide(rollout: Rollout, periods: Sequence[Period], now: datetime, f1_floor: float = F1_FLOOR) -> Verdict:
    """Roll back on harm; else wait for the bake time and for evidence; else go on. `periods`: one a step, in order."""
    looks = max(1, len([one for one in rollout.steps if one < EVERYBODY]))
    harms = examine(periods, looks, f1_floor)
    needs = evidence(periods, rollout.following / EVERYBODY)
    found = [*harms, *needs]
    against = [one for one in harms if one.state == HARM]
    if against:
        return Verdict(ROLL_BACK, "; ".join(f"{one.guardrail}: {one.words}" for one in against), found)
    left = parse_rfc3339(rollout.done[-1].started_at) + timedelta(minutes=rollout.bake_minutes) - now
    if left > timedelta(0):
        return Verdict(WAIT, f"{left.total_seconds() / 60:.1f} minutes of this step are left", found)
    missing = [one for one in needs if one.state != PASS]
    if missing:
        return Verdict(WAIT, "waiting for evidence: " + "; ".join(one.words for one in missing), found)
    return Verdict(*_onward(rollout), found)


def _onward(rollout: Rollout) -> tuple[str, str]:
    if rollout.strategy == SHADOW:
        return COMPLETE, "no harm seen; a canary may follow"
    if rollout.following == EVERYBODY:
        return PROMOTE, f"no harm at {rollout.percent} % and enough evidence: it takes over"
    return ADVANCE, f"no harm at {rollout.percent} %: on to {rollout.following} %"
