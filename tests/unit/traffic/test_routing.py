"""Rollback walks what really served before."""

import hashlib

import msgspec

from fraud.traffic.assignment import bucket, gets_candidate
from fraud.traffic.routing import Cause, Routing, Split, activation, beside, rollback, rollback_target


class History:
    """Revisions as the registry would hold them."""

    def __init__(self) -> None:
        self.revisions: list[Routing] = []
        self.condemned: set[str] = set()

    @property
    def current(self) -> Routing | None:
        return self.revisions[-1] if self.revisions else None

    def activate(self, version: str, at: str = "2026-01-01T00:00:00.000Z") -> None:
        self.revisions.append(activation(self.current, version, Cause(at, "t", "", "c")))

    def roll_back(self) -> str | None:
        assert self.current
        target = rollback_target(
            self.current, lambda number: self.revisions[number - 1], lambda name: name not in self.condemned
        )
        if target is None:
            return None
        self.revisions.append(rollback(self.current, target, Cause("2026-01-01T00:00:00.000Z", "t", "", "c")))
        return self.revisions[-1].active


def history(*versions: str) -> History:
    made = History()
    for version in versions:
        made.activate(version)
    return made


def test_a_rollback_returns_to_what_served_before() -> None:
    assert history("v1.0.0", "v1.1.0", "v1.0.0").roll_back() == "v1.1.0"


def test_a_second_rollback_walks_further_back() -> None:
    seen = history("v1.0.0", "v1.1.0", "v1.2.0")
    assert [seen.roll_back(), seen.roll_back(), seen.roll_back()] == ["v1.1.0", "v1.0.0", None]


def test_an_activation_after_a_rollback_can_be_rolled_back_to_where_it_started() -> None:
    seen = history("v1.0.0", "v1.1.0")
    seen.roll_back()
    seen.activate("v1.2.0")
    assert seen.roll_back() == "v1.0.0"


def test_condemned_versions_are_passed_over() -> None:
    seen = history("v1.0.0", "v1.1.0", "v1.2.0")
    seen.condemned = {"v1.1.0"}
    assert seen.roll_back() == "v1.0.0"


def test_a_rollback_never_leads_to_the_version_that_is_active() -> None:
    seen = history("v1.0.0", "v1.1.0", "v1.0.0")
    seen.condemned = {"v1.1.0"}
    assert seen.roll_back() is None


def test_revisions_count_up_and_never_go_back_in_time() -> None:
    seen = history("v1.0.0")
    seen.activate("v1.1.0", at="2025-01-01T00:00:00.000Z")
    assert [one.revision for one in seen.revisions] == [1, 2]
    assert seen.revisions[1].at == seen.revisions[0].at
    assert seen.revisions[1].previous == "v1.0.0"


def test_what_happens_beside_the_active_version_moves_no_position() -> None:
    # GIVEN a canary that begins and is aborted
    seen = history("v1.0.0", "v1.1.0")
    cause = Cause("2026-01-01T00:00:00.000Z", "t", "", "c")
    for split in (Split("r1", "canary", "v1.2.0", 50_000, "salt"), None):
        assert seen.current
        seen.revisions.append(beside(seen.current, split, cause, "rollout" if split else "abort"))

    # THEN both revisions are about the candidate, and a rollback leads where it led before
    assert [(one.active, one.subject) for one in seen.revisions[2:]] == [("v1.1.0", "v1.2.0")] * 2
    assert {one.since for one in seen.revisions[1:]} == {"2026-01-01T00:00:00.000Z"}
    assert seen.roll_back() == "v1.0.0"


def test_an_activation_or_rollback_leaves_no_candidate() -> None:
    seen = history("v1.0.0", "v1.1.0")
    assert seen.current
    split = Split("r1", "canary", "v1.2.0", 50_000, "salt")
    seen.revisions.append(beside(seen.current, split, Cause("", "t", "", "c"), "rollout"))
    seen.roll_back()
    assert seen.revisions[-1].split is None
    seen.activate("v1.3.0")
    assert seen.revisions[-1].split is None


def test_a_record_from_before_there_were_candidates_is_still_read() -> None:
    at = "2026-01-01T00:00:00.000Z"
    keys = {"pk": "ROUTING", "sk": "CURRENT", "revision": 3, "position": 3, "parent": None}
    told = {"active": "v1.0.0", "previous": None, "kind": "activate", "at": at, "by": "t", "why": "", "change_id": "c"}
    read = msgspec.convert(keys | told, Routing)
    assert (read.since, read.subject, read.split) == (read.at, "v1.0.0", None)
    assert read.version_for("anyone") == "v1.0.0"


def test_a_bucket_is_the_hash_of_salt_and_key() -> None:
    expected = int(hashlib.sha256(b"salt" + b"card-1").hexdigest(), 16) % 1_000_000
    assert bucket("salt", "card-1") == expected
    assert gets_candidate("salt", "card-1", expected + 1)
    assert not gets_candidate("salt", "card-1", expected)
    assert not gets_candidate("salt", "card-1", 0)


def test_another_salt_draws_anew() -> None:
    both = [bucket("a", f"card-{n}") < 500_000 and bucket("b", f"card-{n}") < 500_000 for n in range(2000)]
    assert 400 < sum(both) < 600
