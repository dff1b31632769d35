"""Runs artefacts through forked, watched processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.hostile.zygote import Job, Outcome

ROOT = Path(__file__).parents[3]
Examine = Callable[[Sequence[Sequence[Job]]], list[Outcome]]


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Examine:
    """The outcomes of batches of jobs, a process a batch."""

    def run(batches: Sequence[Sequence[Job]]) -> list[Outcome]:
        folder = tmp_path_factory.mktemp("outcomes")
        (folder / "jobs").write_bytes(msgspec.json.encode(batches))
        paths = {"PYTHONPATH": os.pathsep.join((str(ROOT / "layers/fraud"), str(ROOT))), "PATH": os.environ["PATH"]}
        environment = {**paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.hostile.zygote", str(folder / "jobs"), str(folder)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
        written = (folder / f"{number}.json" for number in range(len(batches)))
        return [one for file in written for one in msgspec.json.decode(file.read_bytes(), type=list[Outcome])]

    return run
