"""Honest artefacts damaged at random: refused, or still a model that verifies; never a crash, never a side effect."""

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.hostile.mutants import MANIFEST, mutants, originals
from tests.hostile.zygote import Job, Outcome
from tests.unit.hostile.conftest import Examine

COUNT = 5000
A_PROCESS = 250
SECONDS = 10.0


@pytest.fixture(scope="module")
def outcomes(examined: Examine, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Outcome]:
    """What became of the mutants."""
    folder = tmp_path_factory.mktemp("mutants")
    (folder / "manifest.json").write_bytes(MANIFEST)
    jobs = []
    for number, mutant in enumerate(mutants(COUNT)):
        artefact = folder / f"{number}{mutant.suffix}"
        artefact.write_bytes(mutant.body)
        jobs.append(Job(mutant.name, str(artefact), str(folder / "manifest.json") if mutant.named else None))
    return examined([jobs[start : start + A_PROCESS] for start in range(0, COUNT, A_PROCESS)])


def test_no_mutant_ends_its_process_or_raises_what_nobody_handles(outcomes: Sequence[Outcome]) -> None:
    assert len(outcomes) == COUNT
    assert {one.name: one.failure for one in outcomes if one.failure} == {}


def test_no_mutant_starts_writes_or_reaches_anything(outcomes: Sequence[Outcome]) -> None:
    assert {one.name: one.events for one in outcomes if one.events} == {}


def test_every_mutant_is_judged_in_time(outcomes: Sequence[Outcome]) -> None:
    assert {one.name: one.seconds for one in outcomes if one.seconds > SECONDS} == {}


def test_mutants_of_every_kind_are_refused_and_some_are_still_models(outcomes: Sequence[Outcome]) -> None:
    refused = Counter(one.name.partition(",")[0] for one in outcomes if one.refused)
    taken = Counter(one.name.partition(",")[0] for one in outcomes if not one.refused)

    assert refused.keys() == taken.keys() == originals().keys()
    assert 0.3 < refused.total() / COUNT < 0.9
