"""Whatever is hostile is refused in words, by a process that neither dies nor does anything else."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from fraud.errors import InvalidArtefactError
from fraud.versions import keys
from tests.hostile import honest
from tests.hostile.beside import KEYS
from tests.hostile.boosters import lightgbm, ubjson, xgboost
from tests.hostile.case import ARTEFACT, Hostile, dumped
from tests.hostile.corpus import corpus, leading
from tests.hostile.zygote import Job, Outcome
from tests.unit.hostile.conftest import Examine

SECONDS = 10.0


class Examined(NamedTuple):
    """A case, and what became of it."""

    case: Hostile
    outcome: Outcome


def _job(case: Hostile, folder: Path) -> list[Job]:
    folder.mkdir()
    artefact, manifest = folder / case.file, folder / "manifest.json"
    artefact.write_bytes(case.content)
    if case.size:
        os.truncate(artefact, case.size)
    if case.manifest is not None:
        manifest.write_bytes(case.manifest)
    return [Job(case.name, str(artefact), None if case.manifest is None else str(manifest))]


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which whatever ran leaves a file."""
    return tmp_path_factory.mktemp("canary")


@pytest.fixture(scope="module")
def opened(canary: Path, examined: Examine, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Examined]:
    """Every artefact whose key is in order, each opened in a process of its own."""
    folder = tmp_path_factory.mktemp("artefacts")
    cases = [case for case in corpus(str(canary)) if case.name not in KEYS]
    outcomes = examined([_job(case, folder / str(number)) for number, case in enumerate(cases)])
    return [Examined(case, outcome) for case, outcome in zip(cases, outcomes, strict=True)]


def test_the_corpus_is_large(canary: Path) -> None:
    assert len(corpus(str(canary))) >= 400
    assert len(leading(str(canary))) >= 60


def test_every_artefact_is_refused_in_the_expected_words(opened: Sequence[Examined]) -> None:
    said = {case.name: (outcome.refused, case.words.split("|")) for case, outcome in opened}

    assert {name: one for name, one in said.items() if not one[0] or not any(word in one[0] for word in one[1])} == {}


def test_no_artefact_starts_writes_or_reaches_anything(opened: Sequence[Examined], canary: Path) -> None:
    assert {case.name: outcome.events for case, outcome in opened if outcome.events} == {}
    assert list(canary.iterdir()) == []


def test_no_artefact_ends_its_process_or_raises_what_nobody_handles(opened: Sequence[Examined]) -> None:
    assert {case.name: outcome.failure for case, outcome in opened if outcome.failure} == {}


def test_every_artefact_is_refused_in_time(opened: Sequence[Examined]) -> None:
    assert {case.name: outcome.seconds for case, outcome in opened if outcome.seconds > SECONDS} == {}


@pytest.mark.parametrize("label", KEYS)
def test_a_key_outside_the_grammar_is_refused(label: str) -> None:
    with pytest.raises(InvalidArtefactError):
        keys.parse_drop_key(KEYS[label].format(version="v1.0.0", run="abc"))


def test_what_the_corpus_is_made_from_is_accepted(examined: Examine, tmp_path: Path) -> None:
    models = (honest.forest(), honest.boosting(), honest.hist(), honest.linear(), honest.pipeline(), honest.bundle())
    bodies = {
        ARTEFACT: dumped(honest.calibrated()),
        ARTEFACT.replace("joblib", "txt"): lightgbm(),
        ARTEFACT.replace("joblib", "json"): json.dumps(xgboost()).encode(),
        ARTEFACT.replace("joblib", "ubj"): ubjson(xgboost()),
    }
    cases = [Hostile(type(model).__name__, dumped(model), "") for model in models]
    cases += [Hostile(key, body, "", key=key) for key, body in bodies.items()]

    outcomes = examined([_job(case, tmp_path / str(number)) for number, case in enumerate(cases)])

    assert {one.name: (one.refused, one.failure, one.events) for one in outcomes} == {
        case.name: ("", "", []) for case in cases
    }
