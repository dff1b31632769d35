"""Each layer's requirements are what uv.lock says, so what is tested is what is deployed."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
LAYERS = sorted(path.parent.name for path in ROOT.glob("layers/*/requirements.txt"))


def locked(name: str, version: str | None) -> Iterator[dict[str, Any]]:
    for package in LOCK["package"]:
        if package["name"] == name and version in (None, package.get("version")):
            yield package


def closure(wanted: list[dict[str, Any]], seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    for dependency in wanted:
        for package in locked(dependency["name"], dependency.get("version")):
            pin = (package["name"], package["version"])
            if pin not in seen and "win32" not in dependency.get("marker", ""):
                seen.add(pin)
                closure(package.get("dependencies", []), seen)
    return seen


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_carries_what_the_lock_says(layer: str) -> None:
    # GIVEN the group of the lock that belongs to the layer
    (project,) = locked(PROJECT, None)
    expected = closure(project["dev-dependencies"][f"layer-{layer}"], set())
    # WHEN its exported requirements are read
    text = (ROOT / "layers" / layer / "requirements.txt").read_text()
    pins = set(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, re.MULTILINE))
    # THEN they are the same (`make lock` exports them again), and name no registry
    assert pins == expected
    assert "://" not in text


def test_what_serves_carries_no_pickle_reader_and_no_numbers() -> None:
    # GIVEN the layer of every function / WHEN it is read / THEN nothing in it could open an artefact
    text = (ROOT / "layers" / "fraud" / "requirements.txt").read_text()
    assert not re.search(r"^(scikit-learn|joblib|numpy|scipy|cloudpickle|boto3)", text, re.MULTILINE)
