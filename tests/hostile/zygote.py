"""Examine many artefacts, each batch in a process forked from this one, which has scikit-learn loaded and opens none.

`python -m tests.hostile.zygote <jobs.json> <folder>`: the jobs are lists of `Job`; each list is one process. Outcomes
go to `<folder>/<number of the list>.json`.
"""

import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import msgspec

import fraud.packing.assemble
import fraud.packing.lightgbm_text
import fraud.packing.pickles
import fraud.packing.unpickler
import fraud.packing.xgboost_json
import fraud.packing.xgboost_ubj  # noqa: F401 -- loaded before anything is forked
from fraud.errors import RejectedArtefactError
from fraud.packing import confinement
from fraud.packing.child import examine
from fraud.scoring.packed.kernel import kernel
from fraud.versions import claims
from fraud.versions.verification import verify

PARALLEL = 2
CPU_SECONDS = 60
_WATCHED = ("os.", "subprocess.", "socket.", "shutil.", "tempfile.", "pty.", "webbrowser.", "urllib.", "ctypes.dlopen")
_HARMLESS = ("os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr", "os.listxattr", "os.add_dll_directory")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Job(msgspec.Struct, frozen=True):
    """One artefact, and its manifest if it has one."""

    name: str
    artefact: str
    manifest: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What became of an artefact.

    `refused`: the reason, empty when it was packed and its packed model verified. `failure`: an exception nobody
    handles, or how the process ended. `events`: what it tried to start, write or reach.
    """

    name: str
    refused: str = ""
    failure: str = ""
    events: list[str] = []
    seconds: float = 0.0


def outcome_of(job: Job, events: list[str]) -> Outcome:
    """Examine one artefact, then hold its claims and its packed model against what the trusted side accepts."""
    began, refused, failure = time.process_time(), "", ""
    try:
        manifest = Path(job.manifest).read_bytes() if job.manifest else b"{}"
        report = examine(Path(job.artefact), manifest)
        if report.refused:
            refused = f"{report.refused.code}: {report.refused.reason}"
        else:
            claims.read(report.manifest, report.metadata)
            verify(report.packed, report.golden_rows, report.golden_answers)
    except RejectedArtefactError as error:
        refused = f"{error.code}: {error.message}"
    except Exception as error:  # what no reader of reports expects
        failure = f"{type(error).__name__}: {str(error)[:300]}"
    found = Outcome(job.name, refused, failure, events[:], time.process_time() - began)
    events.clear()
    return found


def watched() -> list[str]:
    """From now on, in this process: a packing child's limits, and a list of what artefacts do that models do not."""
    confinement.set_limits()
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    events: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if writes or (event.startswith(_WATCHED) and event not in _HARMLESS):
            events.append(f"{event} {arguments!r}"[:200])

    sys.addaudithook(watch)
    return events


def in_forks(batches: list[list[Job]], work: Callable[[int, list[Job]], None]) -> dict[int, int]:
    """Fork a process for each batch, two at a time; the status each ended with."""
    running: dict[int, int] = {}
    ended: dict[int, int] = {}
    waiting = list(enumerate(batches))
    while waiting or running:
        while waiting and len(running) < PARALLEL:
            number, batch = waiting.pop(0)
            pid = os.fork()
            if not pid:
                work(number, batch)
                os._exit(0)
            running[pid] = number
        pid, status = os.wait()
        ended[running.pop(pid)] = os.waitstatus_to_exitcode(status)
    return ended


def main(jobs: Path, folder: Path) -> None:
    """Run all jobs and leave their outcomes."""
    batches = msgspec.json.decode(jobs.read_bytes(), type=list[list[Job]])
    kernel()  # ours, and opened before anything is forked

    def work(number: int, batch: list[Job]) -> None:
        with (folder / f"{number}.part").open("wb") as stream:
            events = watched()
            for job in batch:
                stream.write(msgspec.json.encode(outcome_of(job, events)) + b"\n")
                stream.flush()

    for number, status in in_forks(batches, work).items():
        lines = (folder / f"{number}.part").read_bytes().splitlines()
        outcomes = [msgspec.json.decode(line, type=Outcome) for line in lines]
        lost = [Outcome(job.name, failure=f"the process ended with {status}") for job in batches[number][len(lines) :]]
        (folder / f"{number}.json").write_bytes(msgspec.json.encode(outcomes + lost))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # as in a packing child, where they are words nobody reads
    sys.dont_write_bytecode = True
    main(Path(sys.argv[1]), Path(sys.argv[2]))
