"""Rollback walks what really served before."""

from fraud.traffic.routing import Routing, activation, rollback, rollback_target


class History:
    """Revisions as the registry would hold them."""

    def __init__(self) -> None:
        self.revisions: list[Routing] = []
        self.condemned: set[str] = set()

    @property
    def current(self) -> Routing | None:
        return self.revisions[-1] if self.revisions else None

    def activate(self, version: str, at: str = "2026-01-01T00:00:00.000Z") -> None:
        self.revisions.append(activation(self.current, version, at=at, by="t", why="", change_id="c"))

    def roll_back(self) -> str | None:
        assert self.current
        target = rollback_target(
            self.current, lambda number: self.revisions[number - 1], lambda name: name not in self.condemned
        )
        if target is None:
            return None
        self.revisions.append(
            rollback(self.current, target, at="2026-01-01T00:00:00.000Z", by="t", why="", change_id="c")
        )
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
