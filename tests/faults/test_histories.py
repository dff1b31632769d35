"""I1 to I9 in bad weather: random histories of the whole system; `make soak` runs them by the thousand."""

from collections import Counter

import pytest

from tests.faults import weather
from tests.faults.history import run
from tests.faults.world import World

BLOCKS, BLOCK = 4, 75


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_promise_is_broken_in_any_history(world: World, block: int) -> None:
    # WHEN histories run, each from its seed
    outcomes = [run(world, seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)]

    # THEN each kept every promise (`run` has checked), and much went wrong and well in them
    injected = sum((one.injected for one in outcomes), Counter[str]())
    replies = sum((one.replies for one in outcomes), Counter[str]())
    assert injected.keys() == {*weather.PASSING, weather.CONFLICT, weather.KILLED_BEFORE, weather.KILLED_AFTER}
    assert min(injected.values()) > 0
    for reply in ("predict_transaction 200", "predict_transaction 503", "models_activate 200", "models_rollback 200"):
        assert replies[reply] > BLOCK / 10, reply


def test_a_seed_is_always_the_same_history(world: World) -> None:
    first = run(world, 7)
    run(world, 8)
    assert run(world, 7) == first
