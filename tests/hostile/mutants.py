"""Honest artefacts, damaged at random: the same damage for the same number."""

import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.hostile.boosters import lightgbm, ubjson, xgboost
from tests.hostile.case import dumped
from tests.hostile.honest import training

WIDTH = 4
MANIFEST = b'{"feature_names": ["a", "b", "c", "d"]}'
Damage = Callable[[bytearray, np.random.Generator, bytes], None]


class Mutant(NamedTuple):
    """A damaged artefact: its name says of what, how and by which number; `named`: MANIFEST names its columns."""

    name: str
    body: bytes
    suffix: str
    named: bool


@cache
def originals() -> Mapping[str, bytes]:
    """What is damaged, by name: a forest, boosted trees, a pipeline, a bundle, and the formats of other libraries."""
    X, y = training(WIDTH)
    forest = RandomForestClassifier(2, max_depth=3, random_state=0)
    hist = HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=5, max_bins=16, random_state=0)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    models: dict[str, Any] = {"forest": forest.fit(X, y), "hist": hist.fit(X, y), "pipeline": pipeline.fit(X, y)}
    models["bundle"] = {"models": {"a": forest, "b": LogisticRegression().fit(X, y)}, "metadata": {"f1": 0.9}}
    plain = {f"plain {name}": pickle.dumps(model, protocol=5) for name, model in models.items()}
    other = {"model.txt": lightgbm(), "model.json": json.dumps(xgboost()).encode(), "model.ubj": ubjson(xgboost())}
    return {**{name: dumped(model) for name, model in models.items()}, **plain, **other}


def mutants(count: int) -> Iterator[Mutant]:
    """`count` damaged artefacts."""
    names = list(originals())
    for number in range(count):
        rng = np.random.default_rng(number)
        name, damage = names[number % len(names)], _DAMAGES[number // len(names) % len(_DAMAGES)]
        body = bytearray(originals()[name])
        for _ in range(int(rng.integers(1, 3))):
            damage(body, rng, originals()[names[int(rng.integers(len(names)))]])
        foreign = name.startswith("model.")
        suffix = name.removeprefix("model") if foreign else ".joblib"
        yield Mutant(f"{name}, {damage.__name__} {number}", bytes(body), suffix, not foreign)


def _place(body: bytearray, rng: np.random.Generator) -> int:
    return int(rng.integers(max(len(body), 1)))


def flip(body: bytearray, rng: np.random.Generator, _: bytes) -> None:
    """One bit."""
    body[_place(body, rng)] ^= 1 << int(rng.integers(8))


def number(body: bytearray, rng: np.random.Generator, _: bytes) -> None:
    """Eight bytes that mean something to those who read numbers."""
    numbers = (np.nan, np.inf, -np.inf, 1e308, -0.0, 5e-324, -1, 0, 1 << 31, (1 << 63) - 1, 255)
    place = _place(body, rng) & ~7
    body[place : place + 8] = np.array(numbers[int(rng.integers(len(numbers)))]).tobytes()


def instruction(body: bytearray, rng: np.random.Generator, _: bytes) -> None:
    """One byte becomes an instruction of pickles."""
    body[_place(body, rng)] = b"(.0NRabcehjlostu]}\x81\x85\x86\x93\x94\x95\x96\x8e\x8a"[int(rng.integers(27))]


def cut_out(body: bytearray, rng: np.random.Generator, _: bytes) -> None:
    """Up to 64 bytes go."""
    place = _place(body, rng)
    del body[place : place + int(rng.integers(1, 64))]


def double(body: bytearray, rng: np.random.Generator, _: bytes) -> None:
    """Up to 64 bytes come twice."""
    place = _place(body, rng)
    body[place:place] = body[place : place + int(rng.integers(1, 64))]


def splice(body: bytearray, rng: np.random.Generator, other: bytes) -> None:
    """The start of one, the end of another."""
    body[_place(body, rng) :] = other[int(rng.integers(len(other))) :]


def graft(body: bytearray, rng: np.random.Generator, other: bytes) -> None:
    """Bytes of another over one's own."""
    place, start, length = _place(body, rng), int(rng.integers(len(other))), int(rng.integers(1, 200))
    body[place : place + length] = other[start : start + length]


def truncate(body: bytearray, rng: np.random.Generator, _: bytes) -> None:
    """The end goes."""
    del body[_place(body, rng) :]


_DAMAGES: tuple[Damage, ...] = (flip, number, instruction, flip, cut_out, double, splice, graft, flip, truncate)
