"""A routing history is one that a single person could have made: the sequential model of I1."""

import itertools

from fraud.traffic.routing import ROLLBACK, ROLLOUT, STEP, Routing

ACTIVATING = ("activate", "promote")


def check_order(history: list[Routing], condemned: frozenset[str] = frozenset()) -> None:
    """Each revision, oldest first, follows from the one before it by the rules for its kind.

    `condemned`: versions that were, at any time; a rollback may pass over them.
    """
    positions: dict[int, tuple[str, int | None]] = {}
    assert [one.revision for one in history] == list(range(1, len(history) + 1))
    for before, after in itertools.pairwise([None, *history]):
        assert after
        assert after.by
        assert after.why
        if after.kind in ACTIVATING:
            assert before is None or after.active != before.active
            assert after.split is None
            assert before is None or before.split is None or before.split.candidate == after.active
            positions[after.position] = (after.active, after.parent)
            continue
        assert before
        if after.kind == ROLLBACK:
            _check_rollback(before, after, positions, condemned)
        else:
            assert (after.active, after.position, after.since) == (before.active, before.position, before.since)
            assert (before.split is None) == (after.kind == ROLLOUT)
            assert (after.split is not None) == (after.kind in (ROLLOUT, STEP))


def _check_rollback(
    before: Routing, after: Routing, positions: dict[int, tuple[str, int | None]], condemned: frozenset[str]
) -> None:
    """It leads to the nearest earlier position of another version that may serve."""
    place, passed = positions[before.position][1], set()
    while place is not None and place != after.position:
        version, place = positions[place]
        passed.add(version)
    assert (place, after.split) == (after.position, None)
    assert positions[after.position][0] == after.active != before.active
    assert passed <= {before.active} | condemned
