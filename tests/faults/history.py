"""One history: a life in bad weather, then calm in which everything undelivered comes again, then the promises."""

from collections import Counter
from typing import NamedTuple

from tests.faults.deliveries import until
from tests.faults.life import CONSUMERS, Life
from tests.faults.promises import Promises
from tests.faults.world import World

MOST_OPERATIONS, FEWEST_OPERATIONS = 15, 8
SWEEP_EVERY_SECONDS = 600.0


class Outcome(NamedTuple):
    """What one history was."""

    operations: int
    injected: Counter[str]
    replies: Counter[str]


def run(world: World, seed: int) -> Outcome:
    """The history of a seed, always the same; AssertionError when it broke a promise."""
    dice = world.begin(seed)
    life = Life(world, dice)
    operations = dice.randint(FEWEST_OPERATIONS, MOST_OPERATIONS)
    life.lives(operations)
    world.weather.clear()
    calm(world, life)
    Promises(world, life).check()
    return Outcome(operations, world.weather.injected, life.told.replies)


def calm(world: World, life: Life) -> None:
    """Whatever AWS gave up on or still holds is delivered, by instances whose clocks may still be wrong."""
    deliveries = life.deliveries
    deliveries.events += deliveries.lost
    deliveries.lost = []
    until(deliveries.one_event)
    assert not deliveries.lost
    deliveries.redrive()
    until(deliveries.poll)
    until(lambda: not deliveries.spool())
    for function, table in CONSUMERS:
        until(lambda function=function, table=table: deliveries.stream(function, table))  # type: ignore[misc]
    world.retire("health")
    world.clock.sleep(SWEEP_EVERY_SECONDS - world.clock.monotonic() % SWEEP_EVERY_SECONDS)
    if life.told.labels:  # it takes up what waits for a transaction, and takes longer than all the rest
        assert deliveries.taken("health", {"source": "aws.events"})
