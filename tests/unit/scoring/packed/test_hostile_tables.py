"""Packed bytes nobody packed: refused, or answered by the kernel as by the walker, in a process that ends well."""

import json
import random
import subprocess
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fraud.errors import InvalidPackedModelError, InvalidRequestError
from fraud.scoring.packed import container
from fraud.scoring.packed.model import PackedModel
from tests.unit.scoring.packed.test_kernel import KINDS, WIDTH

ROOT = Path(__file__).parents[4]
MUTANTS = 80  # of each kind
NASTY = (
    0,
    1,
    -1,
    -2,
    2,
    7,
    127,
    128,
    255,
    32767,
    -32768,
    2**31 - 1,
    -(2**31),
    5e-324,
    1e300,
    -1e300,
    1e6,
    float("nan"),
)
ROWS = [[0.0] * WIDTH, [1e300, -1e300, 0.5, -0.5], [-1.0, 1.0, float("inf"), float("nan")]]


def mutants(kind: str, seed: int) -> Iterator[bytes]:
    """Containers with a few numbers changed, numbers swapped, arrays cut, or bytes overwritten."""
    source = random.Random(f"{kind} {seed}")
    data = KINDS[kind](seed)
    header, views = container.decode(data)
    arrays = {name: array(view.format, view.tobytes()) for name, view in views.items()}
    for _ in range(MUTANTS):
        changed = {name: array(numbers.typecode, numbers) for name, numbers in arrays.items()}
        for _ in range(source.choice((1, 1, 2, 3))):
            _change(changed[source.choice(sorted(changed))], source)
        whole = bytearray(container.encode(header, changed))
        if source.random() < 0.2:
            whole[source.randrange(len(whole))] = source.randrange(256)
        yield bytes(whole)


def _change(numbers: "array[Any]", source: random.Random) -> None:
    at, other = (source.randrange(len(numbers)) for _ in range(2)) if numbers else (0, 0)
    way = source.randrange(4)
    try:
        if way == 0 and numbers:
            numbers[at] = source.choice(NASTY)
        elif way == 1 and numbers:
            numbers[at] += source.choice((-1, 1))
        elif way == 2 and numbers:
            numbers[at], numbers[other] = numbers[other], numbers[at]
        elif way == 3:
            del numbers[at:]
    except (OverflowError, TypeError):  # not a number of this type
        numbers.reverse()


def outcome(data: bytes) -> str:
    """`refused`, or `answered` after the kernel said of every row what the walker says."""
    try:
        fast, slow = PackedModel.from_bytes(data), PackedModel.from_bytes(data, "walker")
    except InvalidPackedModelError:
        return "refused"
    for row in ROWS:
        answers = [repr(_answer(lambda row, model=model: model.score(row), row)) for model in (fast, slow)]
        batches = [
            repr(_answer(lambda row, model=model: model.score_many([row] * 70)[-1], row)) for model in (fast, slow)
        ]
        assert answers[0] == answers[1] == batches[0] == batches[1], (row, answers, batches)
        _answer(fast.explain, row)
    return "answered"


def _answer(ask: Any, row: list[float]) -> Any:
    try:
        return ask(row)
    except (InvalidRequestError, OverflowError, ValueError) as exc:
        return type(exc).__name__


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_mutant_of_a_packed_model_ends_the_process(kind: str) -> None:
    # GIVEN mutants of a good model / WHEN a process of its own loads and asks them
    program = f"from tests.unit.scoring.packed.test_hostile_tables import main; main({kind!r})"
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/fraud'}", "PYTHONMALLOC": "debug"}
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", program],
        cwd=ROOT,
        env=path,
        capture_output=True,
        text=True,
        check=False,
    )

    # THEN it ends well, and met both kinds of them
    assert done.returncode == 0, done.stderr[-2000:]
    counts = json.loads(done.stdout.splitlines()[-1])
    assert set(counts) == {"refused", "answered"}
    assert min(counts.values()) >= 10


def main(kind: str) -> None:
    """Ask the mutants of a kind and print how many were refused and answered."""
    found = [outcome(data) for data in mutants(kind, 5)]
    print(json.dumps({name: found.count(name) for name in sorted(set(found))}))  # noqa: T201
