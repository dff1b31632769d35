"""The kernel against the walker: the same answers bit for bit, whatever the trees and the row; and without a kernel."""

import json
import random
import struct
import subprocess
import sys
from array import array
from collections.abc import Callable
from math import inf, nan, nextafter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.errors import InvalidPackedModelError, InvalidRequestError
from fraud.scoring.packed import container, kernel
from fraud.scoring.packed.linear import Linear
from fraud.scoring.packed.model import PackedModel
from fraud.scoring.packed.rows import Rows
from tests.unit.scoring.packed.programs import boosted, forest, model, node_arrays, packed, random_tree, walked

WIDTH = 4
numbers = st.floats(-3, 3) | st.floats(-1e100, 1e100) | st.integers(-2, 2).map(float)
rows = st.lists(numbers, min_size=WIDTH, max_size=WIDTH)


def _trees(seed: int, count: int, depth: int = 6) -> list[Any]:
    source = random.Random(seed)
    return [random_tree(source, WIDTH, depth) for _ in range(count)]


def _choosing(seed: int) -> bytes:
    """Trees in which every other split asks whether its column holds one of some whole numbers."""
    arrays = node_arrays(_trees(seed, 9))
    source = random.Random(seed)
    splits = [feature >= 0 for feature in arrays["t.feature"]]
    choice = [source.choice((-1, 0, 1)) if split else -1 for split in splits]
    sets = {
        "t.choice": array("i", choice),
        "t.set_start": array("i", [0, 3, 5]),
        "t.set_value": array("d", (2, -0.0, 1, -2, 1)),
    }
    program = {"op": "choice_trees", "nodes": "t", "base": 0.25, "divisor": 3}
    return packed({"op": "sigmoid", "of": program}, {**arrays, **sets}, [0.0] * WIDTH)


def _single_sums(seed: int) -> bytes:
    program = {"op": "single_sigmoid", "of": {"op": "single_trees", "nodes": "t", "base": 0.1}}
    return packed(program, node_arrays(_trees(seed, 21)), [0.0] * WIDTH)


def _isolation(seed: int) -> bytes:
    program = {"op": "isolation_trees", "nodes": "t", "single": True, "unit": 7.0}
    return packed(program, node_arrays(_trees(seed, 8)), [0.0] * WIDTH)


def _nested(seed: int) -> bytes:
    """Everything that holds other scorers, and transforms of every kind, around trees."""
    trees = {"op": "trees", "nodes": "t", "single": True, "divisor": 3}
    steps = {"op": "steps", "of": trees, "at": "x", "value": "x"}
    transforms = [
        {"op": "shift_scale", "shift": "s", "scale": "c"},
        {"op": "scale_shift", "scale": "c", "shift": "s", "clip": [-1.0, 2.0]},
        {"op": "truncate", "columns": "i"},
        {"op": "branches", "of": [[{"op": "select", "columns": "i"}], [{"op": "pad", "zeros": 2}]]},
        {"op": "select", "columns": "j"},
    ]
    affine = {"op": "affine", "of": {"op": "linear", "weights": "s", "intercept": 0.5}, "scale": 2.0, "offset": 1.0}
    members = [steps, {"op": "pipeline", "transforms": transforms, "of": trees}, {"op": "sigmoid", "of": affine}]
    stack = {
        "op": "stack",
        "members": members,
        "passthrough": True,
        "of": {"op": "linear", "weights": "l", "intercept": 0.0},
    }
    plain = {
        "op": "stack",
        "members": members,
        "passthrough": False,
        "of": {"op": "trees", "nodes": "t", "single": False},
    }
    program = {
        "op": "mean",
        "members": [{"op": "sigmoid", "of": stack}, {"op": "sigmoid", "of": plain}, steps],
        "weights": "w",
    }
    arrays = {
        **node_arrays([random_tree(random.Random(seed), 3, 5) for _ in range(3)]),
        "x": array("d", [0.0, 0.4, 1.0]),
        "s": array("d", [0.5, -1.0, 2.0, 0.0]),
        "c": array("d", [2.0, 0.5, -1.0, 3.0]),
        "i": array("i", [2, 0]),
        "j": array("i", [0, 3, 7, 1]),
        "l": array("d", [0.1, -0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        "w": array("d", [0.5, 0.25, 1.0]),
    }
    return packed(program, arrays, [0.0] * WIDTH)


KINDS: dict[str, Callable[[int], bytes]] = {
    "forest": lambda seed: forest(_trees(seed, 19), WIDTH, single=True),
    "boosted": lambda seed: boosted(_trees(seed, 9), WIDTH, base=-1.5),
    "one leaf": lambda seed: forest([0.25], WIDTH),
    "choosing": _choosing,
    "single sums": _single_sums,
    "isolation": _isolation,
    "nested": _nested,
}


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=25)
@given(batch=st.lists(rows, min_size=1, max_size=3), seed=st.integers(0, 30))
def test_the_kernel_answers_as_the_walker_does(kind: str, batch: list[list[float]], seed: int) -> None:
    # GIVEN a model with the kernel and without it, and more rows than it takes at once
    data = KINDS[kind](seed)
    fast, slow = model(data), walked(data)
    many = batch * 30

    # WHEN
    expected = [slow.score(row) for row in batch]

    # THEN one by one, all at once, and through the walker's own batch
    assert [fast.score(row) for row in batch] == expected
    assert fast.score_many(many) == slow.score_many(many) == expected * 30


MOST = (2 - 2.0**-23) * 2.0**127  # the largest float32
TINY = 2.0**-149  # the smallest above zero
EDGES = (0.0, -0.0, 5e-324, -1e-50, TINY, -TINY, 1.0, 0.1, -0.1, 16777217.0, MOST, -MOST, 1e39, -1e39, 1e308)


@settings(deadline=None, max_examples=300)
@given(
    threshold=st.sampled_from(EDGES) | st.floats(width=32, allow_nan=False, allow_infinity=False) | numbers,
    places=st.integers(-2, 2),
    ulps=st.integers(-2, 2),
)
def test_float32_rows_part_exactly_where_rounding_parts_them(threshold: float, places: int, ulps: int) -> None:
    # GIVEN a split, and a number beside the middle of two float32 numbers beside its threshold
    with np.errstate(over="ignore"):
        low = np.float32(threshold)
        for _ in range(abs(places)):
            low = np.nextafter(low, np.float32(inf if places > 0 else -inf))
        high = np.nextafter(low, np.float32(inf))
    middle = (max(float(low), -(2.0**128)) + min(float(high), 2.0**128)) / 2
    for _ in range(abs(ulps)):
        middle = nextafter(middle, inf if ulps > 0 else -inf)
    data = forest([(0, threshold, 0.25, 0.75)], 1, single=True)

    # THEN the kernel, which does not round, goes where the walker goes, which does
    assert model(data).score([middle]) == walked(data).score([middle])
    assert model(data).score_many([[middle]] * 9) == [walked(data).score([middle])] * 9


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=25)
@given(row=rows, seed=st.integers(0, 30))
def test_reasons_add_up_and_their_margin_is_the_answer(kind: str, row: list[float], seed: int) -> None:
    data = KINDS[kind](seed)

    for loaded in (model(data), walked(data)):
        told = loaded.explain(row)
        assert abs(told.base + sum(told.contributions) - told.margin) <= 1e-9
        assert told.unit == "log_odds" or told.margin == loaded.score(row)
        assert loaded.explain_many([row, row]) == [told, told]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from([0.0, -0.0, 1e300, -1e300, inf, -inf, nan]), min_size=WIDTH, max_size=WIDTH))
def test_numbers_no_row_should_hold_take_the_walkers_way(row: list[float]) -> None:
    for data in (KINDS["forest"](1), KINDS["boosted"](1), KINDS["choosing"](1), KINDS["single sums"](1)):
        assert model(data).score(row) == walked(data).score(row)


def test_a_row_on_a_threshold_or_beside_it_takes_the_walkers_way() -> None:
    # GIVEN thresholds that are no float32, and the float64 and float32 numbers around them
    data = forest([(0, 0.1, 0.2, 0.8), (0, 16777217.0, 0.1, 0.9)], WIDTH, single=True)
    near = [0.1, 0.10000000000000002, 0.09999999999999999, 0.10000000149011612, 16777216.0, 16777217.0, 16777218.0]

    # WHEN
    fast, slow = model(data), walked(data)

    # THEN
    for x in near:
        assert fast.score([x] * WIDTH) == slow.score([x] * WIDTH)


def test_a_row_of_another_length_never_reaches_the_kernel() -> None:
    loaded = model(KINDS["forest"](0))

    for row in ([], [0.0] * (WIDTH - 1), [0.0] * (WIDTH + 1)):
        with pytest.raises(ValueError, match="the model reads 4"):
            loaded.score_many([[0.0] * WIDTH, row])
        with pytest.raises(ValueError, match="the model reads 4"):
            loaded.explain(row)
        with pytest.raises(struct.error):
            loaded._margin.value(row)


def test_the_first_row_without_an_answer_is_the_one_that_is_told() -> None:
    # GIVEN a model with bounds, and rows that are out of them, or too large for its sum
    transforms = [{"op": "bounds", "low": "a", "high": "b"}]
    linear = {"op": "pipeline", "transforms": transforms, "of": {"op": "linear", "weights": "w", "intercept": 0.0}}
    arrays = {"a": array("d", [-1.7e308]), "b": array("d", [1.7e308]), "w": array("d", [10.0])}
    loaded = model(packed({"op": "sigmoid", "of": linear}, arrays, [0.0]))

    # THEN
    with pytest.raises(InvalidRequestError, match="too large"):
        loaded.score_many([[0.0], [1e308], [1.79e308]])
    with pytest.raises(InvalidRequestError, match="outside"):
        loaded.score_many([[0.0], [1.79e308], [1e308]])
    assert loaded.score_many([]) == []


def test_without_a_kernel_the_walker_answers_and_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN no file for this machine
    with monkeypatch.context() as without:
        without.setattr(kernel, "file_name", lambda: "kernel-none-none.so")
        kernel.kernel.cache_clear()

        # WHEN two models are loaded
        loaded = [PackedModel.from_bytes(KINDS["forest"](seed)) for seed in (1, 2)]
    kernel.kernel.cache_clear()

    # THEN
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["event"] == "kernel_missing"
    for seed, found in zip((1, 2), loaded, strict=True):
        row = [0.3] * WIDTH
        assert found.score(row) == model(KINDS["forest"](seed)).score(row)
        assert found.explain(row) == walked(KINDS["forest"](seed)).explain(row)
        assert found.explain(row).method == "single_reference_shapley"


@pytest.mark.parametrize("broken", [b"", b"not a library", b"\x7fELF" + bytes(200)])
def test_a_file_that_is_no_kernel_of_this_machine_is_not_loaded(broken: bytes, tmp_path: Path) -> None:
    (tmp_path / "kernel.so").write_bytes(broken)

    with pytest.raises(OSError):
        kernel.load(tmp_path / "kernel.so")


def test_a_kernel_of_another_release_is_not_used(built_kernel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "VERSION", 0)

    with pytest.raises(AttributeError, match="release"):
        kernel.load(built_kernel)


def test_the_file_is_named_after_the_machine() -> None:
    assert kernel.file_name("linux", "x86_64") == "kernel-linux-x86_64.so"
    assert kernel.file_name("linux", "aarch64") == "kernel-linux-aarch64.so"
    assert kernel.file_name("darwin", "arm64") == "kernel-darwin-aarch64.so"


def test_a_model_without_training_weights_is_explained_against_its_reference() -> None:
    # GIVEN a file as an older packer wrote it
    header, arrays = container.decode(KINDS["boosted"](3))
    old = container.encode(header, {name: array for name, array in arrays.items() if name != "t.cover"})
    none = container.encode(header, {**arrays, "t.cover": array("d", bytes(8 * len(arrays["t.cover"])))})
    row = [0.4, -0.2, 1.0, 0.0]

    # THEN
    for data in (old, none):
        assert model(data).explain(row) == walked(KINDS["boosted"](3)).explain(row)
        assert model(data).explain(row).method == "single_reference_shapley"
        assert model(data).score(row) == walked(data).score(row)


@pytest.mark.parametrize("cover", [-1.0, inf, nan, 1e308])
def test_covers_that_are_no_weights_are_refused(cover: float) -> None:
    header, arrays = container.decode(KINDS["boosted"](3))
    covers = array("d", [1.0] * len(arrays["t.cover"]))
    covers[1] = cover

    with pytest.raises(InvalidPackedModelError, match="cover"):
        model(container.encode(header, {**arrays, "t.cover": covers}))


def test_importing_the_kernel_imports_no_number_library() -> None:
    program = (
        "import sys, fraud.scoring.packed.model; print(sorted({'numpy', 'platform', 'msgspec'} & set(sys.modules)))"
    )
    place = Path(kernel.__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=place)
    assert done.stdout.strip() == "['msgspec']"


steep = st.floats(-1e10, 1e10) | st.sampled_from([0.0, -0.0, 1.0, 2.0**53, -(2.0**53), 2.0**-60, 1e16, 1.5e308, 5e-324])


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.lists(steep, min_size=6, max_size=6), min_size=1, max_size=4), st.lists(steep, min_size=6, max_size=6)
)
def test_the_kernel_adds_products_as_exactly_as_python(batch: list[list[float]], weights: list[float]) -> None:
    # GIVEN sums that cancel, lie half way between two numbers, underflow, or overflow
    line = Linear(weights, 0.25, kernel.kernel())

    # WHEN / THEN
    assert list(map(repr, line.values(Rows(batch, 6)))) == [repr(line.value(row)) for row in batch]
