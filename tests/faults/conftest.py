"""One world for the tests of a file: making it takes seconds."""

from collections.abc import Iterator

import pytest

from tests.faults.world import World, opened


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The stack in this process."""
    with opened() as made:
        yield made
