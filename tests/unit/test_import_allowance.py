"""What importing a function loads, held to `benchmarks/imports.toml`: a cold start pays for every one."""

import sys
from pathlib import Path

import pytest

from benchmarks.allowance import OURS, allowances, loaded

ALLOWED = allowances()
FUNCTIONS = sorted(path.parent.name for path in (Path(__file__).parents[2] / "functions").glob("*/app.py"))
DEPLOYED_PYTHON = (3, 13)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_loads_the_libraries_of_its_allowance_and_no_other(function: str) -> None:
    # GIVEN
    allowed = ALLOWED[function]

    # WHEN
    libraries = loaded(function, allowed.runtime) - sys.stdlib_module_names - {*OURS}

    # THEN
    assert libraries == set(allowed.libraries)


@pytest.mark.skipif(sys.version_info[:2] != DEPLOYED_PYTHON, reason="the list is of the deployed Python's own modules")
def test_every_module_predict_adds_to_the_runtime_is_accounted_for() -> None:
    # GIVEN
    allowed = ALLOWED["predict"]

    # WHEN
    owners = {allowed.owner(module): module for module in loaded("predict", allowed.runtime)}

    # THEN
    assert set(owners) - set(allowed.modules) == set()


def test_every_function_has_an_allowance() -> None:
    assert sorted(ALLOWED) == FUNCTIONS
